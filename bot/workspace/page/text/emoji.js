// Shortcodes that business apps write; an unknown one stays as it was typed.

const NAMES = {
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎", no_entry: "⛔", no_entry_sign: "🚫",
  warning: "⚠️", rotating_light: "🚨", exclamation: "❗", heavy_exclamation_mark: "❗", question: "❓", grey_question: "❔", bangbang: "‼️", information_source: "ℹ️",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", clock1: "🕐", clock3: "🕒", clock9: "🕘", calendar: "📅", date: "📅", spiral_calendar_pad: "🗓️",
  lock: "🔒", unlock: "🔓", closed_lock_with_key: "🔐", lock_with_ink_pen: "🔏", key: "🔑", old_key: "🗝️", shield: "🛡️",
  link: "🔗", chains: "⛓️", broken_chain: "⛓️‍💥", electric_plug: "🔌", handshake: "🤝", satellite_antenna: "📡", globe_with_meridians: "🌐", bridge_at_night: "🌉",
  page_facing_up: "📄", page_with_curl: "📃", scroll: "📜", bookmark_tabs: "📑", file_folder: "📁", open_file_folder: "📂", card_index_dividers: "🗂️", paperclip: "📎", clipboard: "📋",
  inbox_tray: "📥", outbox_tray: "📤", package: "📦", wastebasket: "🗑️", floppy_disk: "💾", receipt: "🧾", label: "🏷️", ledger: "📒", books: "📚",
  mag: "🔍", mag_right: "🔎", eyes: "👀", bulb: "💡", memo: "📝", pencil: "📝", pencil2: "✏️", pushpin: "📌", round_pushpin: "📍", bell: "🔔", no_bell: "🔕", speech_balloon: "💬",
  gear: "⚙️", wrench: "🔧", hammer_and_wrench: "🛠️", toolbox: "🧰", construction: "🚧", robot_face: "🤖", robot: "🤖", test_tube: "🧪", microscope: "🔬", stethoscope: "🩺",
  arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️", arrow_right_hook: "↪️", leftwards_arrow_with_hook: "↩️", arrows_counterclockwise: "🔄", repeat: "🔁",
  rewind: "⏪", fast_forward: "⏩", arrow_forward: "▶️", double_vertical_bar: "⏸️", black_square_for_stop: "⏹️", heavy_plus_sign: "➕", heavy_minus_sign: "➖", twisted_rightwards_arrows: "🔀",
  red_circle: "🔴", large_orange_circle: "🟠", large_yellow_circle: "🟡", large_green_circle: "🟢", large_blue_circle: "🔵", black_circle: "⚫", white_circle: "⚪",
  large_green_square: "🟩", large_red_square: "🟥", large_yellow_square: "🟨", small_blue_diamond: "🔹", small_orange_diamond: "🔸",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", tada: "🎉", sparkles: "✨", rocket: "🚀", star: "⭐", fire: "🔥", seedling: "🌱", evergreen_tree: "🌲", anchor: "⚓",
  wave: "👋", "+1": "👍", thumbsup: "👍", "-1": "👎", thumbsdown: "👎", ok_hand: "👌", pray: "🙏", clap: "👏", raised_hand: "✋", hand: "✋", point_right: "👉", point_up: "☝️", writing_hand: "✍️",
  smile: "😄", slightly_smiling_face: "🙂", thinking_face: "🤔", cry: "😢", relieved: "😌", see_no_evil: "🙈", bust_in_silhouette: "👤", busts_in_silhouette: "👥", office: "🏢", factory: "🏭", bank: "🏦",
  id: "🆔", new: "🆕", ok: "🆗", end: "🔚", soon: "🔜", recycle: "♻️", medical_symbol: "⚕️", chart_with_upwards_trend: "📈", bar_chart: "📊", zap: "⚡", skull: "💀", bug: "🐛", truck: "🚚", email: "📧", envelope: "✉️",
};

/** The character for a shortcode without colons, or null. */
export function emoji(name) {
  return Object.hasOwn(NAMES, name) ? NAMES[name] : null;
}

/** Replace the known shortcodes of a plain text. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name) => emoji(name) ?? whole);
}
