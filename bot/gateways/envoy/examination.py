"""What an operator should know about an Envoy: that we reach it, and that it asks for every connection's secret."""

from collections.abc import Callable, Iterator

from bot.gateways.condition import Check, CheckState, Drift
from bot.gateways.envoy.admin import Admin
from bot.gateways.errors import GatewayError
from bot.gateways.shelf import Shelf
from bot.gateways.upkeep import check_drift, check_folders


def examine(shelf: Shelf, admin: Admin, drift: Callable[[str], Drift | None]) -> tuple[Check, ...]:
    """Admin interface, folders, drift, and updates that were refused."""
    where = {"admin": admin.address}
    try:
        version = admin.version()
    except GatewayError as error:
        return (Check(error.code, CheckState.BAD, {**where, **error.data}), *check_folders(shelf))
    return (
        Check("program", CheckState.GOOD, {**where, "version": version}),
        *check_folders(shelf),
        *check_drift(shelf, drift),
        *_refused(shelf, admin),
    )


def _refused(shelf: Shelf, admin: Admin) -> Iterator[Check]:
    for connection in shelf.connections():
        try:
            running = admin.running(connection)
        except GatewayError as error:
            yield Check(error.code, CheckState.BAD, {"connection": connection, **error.data})
            return
        if running is not None and running.refused:
            data = {"connection": connection, "count": str(running.refused)}
            yield Check("updates_refused", CheckState.DOUBTFUL, data)
