"""The data visualization block (docs.slack.dev/reference/block-kit/blocks/data-visualization-block)."""

from typing import Any

from bot.workspace.checking import Check
from bot.workspace.shapes import Json

MAX_CHART_TITLE = 50
MAX_CHART_LABEL = 20
MAX_SERIES = 6
MAX_SEGMENTS = 6
MAX_POINTS = 20
XY_CHARTS = ("bar", "area", "line")


class ChartCheck(Check):
    """Adds what is to be said about charts."""

    def chart_block(self, block: Json, where: str) -> None:
        """A title and one chart."""
        self.string(block["title"], f"{where}/title", MAX_CHART_TITLE, least=1)
        chart = self.mapping(block["chart"], f"{where}/chart")
        if chart is None:
            return
        at = f"{where}/chart"
        if chart.get("type") == "pie":
            if self.fields(chart, at, ("type", "segments"), ()):
                self.items(chart["segments"], f"{at}/segments", MAX_SEGMENTS, self._segment)
        elif chart.get("type") in XY_CHARTS:
            if self.fields(chart, at, ("type", "series", "axis_config"), ()):
                self._axes(chart, at)
        else:
            self.unsupported(at, chart.get("type"), ("pie", *XY_CHARTS))

    def _segment(self, value: Any, where: str) -> None:
        self._point(value, where)
        number = value.get("value") if isinstance(value, dict) else None
        if isinstance(number, (int, float)) and number <= 0:
            self.complain(f"{where}/value", "must be greater than 0", "exclusiveMinimum", 0)

    def _point(self, value: Any, where: str) -> None:
        point = self.mapping(value, where)
        if point is None or not self.fields(point, where, ("label", "value"), ()):
            return
        self.string(point["label"], f"{where}/label", MAX_CHART_LABEL, least=1)
        if isinstance(point["value"], bool) or not isinstance(point["value"], (int, float)):
            self.complain(f"{where}/value", "must provide a number", "type", "number")

    def _axes(self, chart: Json, where: str) -> None:
        axis = self.mapping(chart["axis_config"], f"{where}/axis_config")
        labels: list[Any] = []
        if axis is not None and self.fields(axis, f"{where}/axis_config", ("categories",), ("x_label", "y_label")):
            self.items(axis["categories"], f"{where}/axis_config/categories", MAX_POINTS, self._category)
            labels = axis["categories"] if isinstance(axis["categories"], list) else []
            for name in ("x_label", "y_label"):
                self.string(axis.get(name), f"{where}/axis_config/{name}", MAX_CHART_TITLE)
        names: list[Any] = []

        def series(value: Any, at: str) -> None:
            one = self.mapping(value, at)
            if one is None or not self.fields(one, at, ("name", "data"), ()):
                return
            self.string(one["name"], f"{at}/name", MAX_CHART_LABEL, least=1)
            if one["name"] in names:
                self.complain(f"{at}/name", "series must have unique names", "unique", one["name"])
            names.append(one["name"])
            self.items(one["data"], f"{at}/data", MAX_POINTS, self._point)
            data = one["data"] if isinstance(one["data"], list) else []
            if [point.get("label") if isinstance(point, dict) else None for point in data] != labels:
                self.complain(f"{at}/data", "labels must match the categories of the axis", "enum", "categories")

        self.items(chart["series"], f"{where}/series", MAX_SERIES, series)

    def _category(self, value: Any, where: str) -> None:
        if value is None:
            self.complain(where, "must provide a string", "type", "string")
        self.string(value, where, MAX_CHART_LABEL, least=1)
