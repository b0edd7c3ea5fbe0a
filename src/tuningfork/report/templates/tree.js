"use strict";
const models = JSON.parse(document.getElementById("models").textContent);
const byName = new Map(models.map((model) => [model.name, model]));
const svg = document.querySelector("#stage svg");
const leaves = new Map([...svg.querySelectorAll(".leaf[data-leaf]")].map((leaf) => [leaf.dataset.leaf, leaf]));
const twigs = [...svg.querySelectorAll("path[data-leaf]")];
const fields = ["search", "organisation", "access", "branch", "since", "until"];
const control = Object.fromEntries(fields.map((name) => [name, document.getElementById(name)]));
const whole = svg.viewBox.baseVal;
const [wholeX, wholeY, wholeWidth, wholeHeight] = [whole.x, whole.y, whole.width, whole.height];
const view = { x: wholeX, y: wholeY, width: wholeWidth };

function fill(select, values) {
  for (const value of values) select.append(new Option(value, value));
}

function make(tag, text, parent) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (parent) parent.append(made);
  return made;
}

function show() {
  const height = (view.width * wholeHeight) / wholeWidth;
  svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${height}`);
}

function zoom(factor, x = view.x + view.width / 2, y = view.y + (view.width * wholeHeight) / wholeWidth / 2) {
  const width = Math.min(wholeWidth, Math.max(wholeWidth / 40, view.width * factor));
  const share = width / view.width;
  view.x = width === wholeWidth ? wholeX : x - (x - view.x) * share;
  view.y = width === wholeWidth ? wholeY : y - (y - view.y) * share;
  view.width = width;
  show();
}

function at(event) {
  return new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
}

function matches(model) {
  const asked = control.search.value.trim().toLowerCase();
  const year = (model.date ?? "").slice(0, 4);
  const dated = control.since.value || control.until.value;
  return (
    (!asked || model.name.toLowerCase().includes(asked)) &&
    (!control.organisation.value || model.organisation === control.organisation.value) &&
    (!control.access.value || model.access === control.access.value) &&
    (!control.branch.value || model.branch === control.branch.value) &&
    (!dated || (year && year >= control.since.value && year <= (control.until.value || "9999")))
  );
}

function filter() {
  const found = models.filter(matches);
  const lit = new Set(found.map((model) => model.home));
  for (const [name, leaf] of leaves) leaf.classList.toggle("off", !lit.has(name));
  for (const twig of twigs) twig.classList.toggle("off", !lit.has(twig.dataset.leaf));
  document.getElementById("count").textContent = `${found.length} of ${models.length} models match`;
  const list = document.getElementById("matches");
  list.replaceChildren(...found.map((model) => entry(model)));
  const first = [...leaves.values()].find((leaf) => !leaf.classList.contains("off"));
  if (first) rove(first);
}

function entry(model) {
  const item = document.createElement("li");
  const button = make("button", model.name, item);
  button.type = "button";
  button.addEventListener("click", () => choose(model.name));
  item.append(` ${[model.organisation, model.date].filter(Boolean).join(", ")}`);
  return item;
}

function rove(leaf) {
  for (const other of leaves.values()) other.setAttribute("tabindex", other === leaf ? "0" : "-1");
}

function choose(name) {
  const model = byName.get(name);
  for (const [other, leaf] of leaves) leaf.classList.toggle("chosen", other === model.home);
  const facts = document.getElementById("facts");
  facts.replaceChildren(make("h2", model.name));
  const told = make("dl", "", facts);
  for (const [term, value] of Object.entries(model.facts)) {
    make("dt", term, told);
    make("dd", value, told);
  }
  if (model.home && model.home !== name) list(facts, "Folded into", [model.home]);
  if (byName.has(model.parent)) list(facts, "Grew from", [model.parent]);
  list(facts, "From it grew", models.filter((other) => other.parent === name).map((other) => other.name));
  list(facts, "Folded into its leaf", models.filter((other) => other.home === name && other.name !== name).map((other) => other.name));
}

function list(facts, title, names) {
  if (!names.length) return;
  make("h3", title, facts);
  const items = make("ul", "", facts);
  for (const name of names) items.append(entry(byName.get(name)));
}

function step(leaf, key) {
  const here = leaf.getBBox();
  const across = key === "ArrowLeft" || key === "ArrowRight";
  const way = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  let best = null;
  let least = Infinity;
  for (const other of leaves.values()) {
    if (other === leaf || other.classList.contains("off")) continue;
    const box = other.getBBox();
    const dx = box.x + box.width / 2 - here.x - here.width / 2;
    const dy = box.y - here.y;
    const ahead = way * (across ? dx : dy);
    const distance = ahead + 3 * Math.abs(across ? dy : dx);
    if (ahead > 1 && distance < least) [best, least] = [other, distance];
  }
  return best;
}

function reveal(leaf) {
  const box = leaf.getBoundingClientRect();
  const stage = svg.getBoundingClientRect();
  const inside = box.left >= stage.left && box.right <= stage.right && box.top >= stage.top && box.bottom <= stage.bottom;
  if (inside) return;
  const scale = view.width / stage.width;
  view.x += (box.left + box.width / 2 - stage.left - stage.width / 2) * scale;
  view.y += (box.top + box.height / 2 - stage.top - stage.height / 2) * scale;
  show();
}

svg.addEventListener("keydown", (event) => {
  const leaf = event.target.closest(".leaf");
  if (event.key === "+" || event.key === "=") zoom(0.7);
  else if (event.key === "-") zoom(1 / 0.7);
  else if (event.key === "0") zoom(Infinity);
  else if (leaf && (event.key === "Enter" || event.key === " ")) choose(leaf.dataset.leaf);
  else if (leaf && event.key.startsWith("Arrow")) {
    const next = step(leaf, event.key);
    if (next) {
      rove(next);
      next.focus();
      reveal(next);
    }
  } else return;
  event.preventDefault();
});

let held = null;
svg.addEventListener("pointerdown", (event) => {
  held = { from: at(event), moved: false, leaf: event.target.closest(".leaf[data-leaf]") };
});
svg.addEventListener("pointermove", (event) => {
  if (!held) return;
  const now = at(event);
  if (Math.hypot(now.x - held.from.x, now.y - held.from.y) * (svg.clientWidth / view.width) > 4) held.moved = true;
  if (!held.moved) return;
  view.x += held.from.x - now.x;
  view.y += held.from.y - now.y;
  show();
});
window.addEventListener("pointerup", () => {
  if (held && !held.moved && held.leaf) {
    rove(held.leaf);
    choose(held.leaf.dataset.leaf);
  }
  held = null;
});
svg.addEventListener("wheel", (event) => {
  event.preventDefault();
  const point = at(event);
  zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15, point.x, point.y);
}, { passive: false });
document.getElementById("closer").addEventListener("click", () => zoom(0.7));
document.getElementById("further").addEventListener("click", () => zoom(1 / 0.7));
document.getElementById("whole").addEventListener("click", () => zoom(Infinity));
const filters = document.getElementById("filters");
filters.addEventListener("input", filter);
filters.addEventListener("reset", () => setTimeout(filter));
filters.addEventListener("submit", (event) => event.preventDefault());

const unique = (name) => [...new Set(models.map((model) => model[name]).filter(Boolean))];
const years = [...new Set(models.map((model) => (model.date ?? "").slice(0, 4)).filter(Boolean))].sort();
fill(control.organisation, unique("organisation").sort((a, b) => a.localeCompare(b, "en")));
fill(control.access, unique("access"));
fill(control.branch, unique("branch"));
fill(control.since, years);
fill(control.until, years);
svg.setAttribute("role", "group");
for (const [name, leaf] of leaves) {
  leaf.setAttribute("role", "button");
  leaf.setAttribute("aria-label", leaf.querySelector("title").textContent || name);
}
filter();
