// Makes the buttons that sort tables, and the one that switches between light and dark.
// Without it the page shows the same.
"use strict";
(() => {
  const said = document.getElementById("said");

  // Rows as they were made, for the third press.
  const order = new Map();

  const key = (row, column, words) => {
    const cell = row.cells[column];
    if (words) return cell.textContent.trim();
    return "v" in cell.dataset ? Number(cell.dataset.v) : null;
  };

  const sort = (head) => {
    const body = head.closest("table").tBodies[0];
    if (!order.has(body)) order.set(body, [...body.rows]);
    const next = { ascending: "descending", descending: null }[head.getAttribute("aria-sort")];
    const way = next === undefined ? "ascending" : next;
    for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
    let rows = [...order.get(body)];
    if (way) {
      head.setAttribute("aria-sort", way);
      const words = head.dataset.sorts === "words";
      const up = way === "ascending" ? 1 : -1;
      const keys = new Map(rows.map((row) => [row, key(row, head.cellIndex, words)]));
      rows.sort((one, other) => {
        const [a, b] = [keys.get(one), keys.get(other)];
        // What has no number is last, either way.
        if (a === null || b === null) return (a === null) - (b === null);
        return up * (words ? a.localeCompare(b, "en", { numeric: true }) : a - b);
      });
    }
    body.append(...rows);
    said.textContent = way
      ? `Sorted by ${head.textContent}, ${way}.`
      : "In the first order again.";
  };

  for (const head of document.querySelectorAll("th[data-sorts]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(head));
  }

  // Where everything fits there is nothing to scroll to by key.
  const regions = document.querySelectorAll(".scroll");
  const fit = new ResizeObserver((changes) => {
    for (const { target } of changes) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else if (document.activeElement !== target) target.removeAttribute("tabindex");
    }
  });
  for (const region of regions) fit.observe(region);

  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.createElement("button");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const show = () => theme.setAttribute("aria-pressed", String(isDark()));
  theme.type = "button";
  theme.className = "theme";
  theme.textContent = "Dark";
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    show();
  });
  dark.addEventListener("change", show);
  show();
  document.querySelector("header").prepend(theme);

  // On paper nothing is folded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });

  // A link into what is folded unfolds it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) {
      if (one instanceof HTMLDetailsElement) one.open = true;
    }
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
})();
