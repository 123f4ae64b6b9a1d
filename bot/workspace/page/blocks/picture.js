// Pictures. The page's policy admits nothing from other hosts, so only files of this workspace are shown; another
// address becomes a link that names the picture.
import { h } from "../core/dom.js";
import { link } from "../text/references.js";

/** Load a stored picture with the user's token. */
export function storedPicture(url, alt, surface, className) {
  const image = h("img", { class: className, alt });
  surface.api.download(url).then(
    (blob) => {
      image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
      image.src = URL.createObjectURL(blob);
    },
    () => image.replaceWith(h("span", { class: "unsupported" }, alt)),
  );
  return image;
}

/** A picture that is named by its file's id: where its bytes are is asked first. */
function pictureOf(fileId, alt, surface, className) {
  const place = h("span", { class: "unsupported" }, alt || "Picture");
  surface.api.web("files.info", { file: fileId }).then(
    (answer) => place.replaceWith(storedPicture(answer.file.url_private, alt, surface, className)),
    () => {},
  );
  return place;
}

/** An image block or element: `image_url`, or `slack_file` with `id` or `url`. */
export function picture(spec, surface, className) {
  if (spec.slack_file?.id) return pictureOf(spec.slack_file.id, spec.alt_text ?? "", surface, className);
  const url = spec.slack_file?.url ?? spec.image_url ?? "";
  const alt = spec.alt_text ?? "";
  let target;
  try {
    target = new URL(url, location.href);
  } catch {
    return h("span", { class: "unsupported" }, alt || "Picture");
  }
  if (target.origin === location.origin) return storedPicture(target, alt, surface, className);
  return h("span", { class: "picture-link" }, link(target.href, alt || "Picture"));
}
