/* Switches between explanations, jumps to spans, says what a mark means, searches, draws the map.
   One listener for each kind of event; without this script the page still shows the first
   explanation, its list and its text. */
"use strict";

const root = document.documentElement;
const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const element = (name, attributes = {}, text = "") => {
  const svg = ["svg", "rect", "path"].includes(name);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  node.append(text);
  return node;
};

// A unit is [first mark, last mark, step, rank, top, bottom, weight, low, high, effect, selected,
// significant, opened]; heights are in ten-thousandths of its text.
const [FIRST, LAST, STEP, RANK, TOP, BOTTOM, WEIGHT, LOW, HIGH, EFFECT, SELECTED, SIGNIFICANT, OPENED] = Array(13).keys();
const data = JSON.parse($("#data")?.textContent || '{"views":[],"sheets":[]}');
const sheets = data.sheets.map((sheet, n) => {
  const article = $(`article[data-sheet="${n}"]`);
  return { ...sheet, article, marks: $$("mark", article), unitOf: new Map() };
});
let view = -1, current = -1, hits = [];

const sheet = () => sheets[data.views[view].sheet];
const unit = (index) => data.views[view].units[index];
const marksOf = (u) => (u[FIRST] < 0 ? [] : sheet().marks.slice(u[FIRST], u[LAST] + 1));
const classOf = (step) => (step > 0 ? `s${step}` : step < 0 ? `o${-step}` : "z");

/* -- explanations -------------------------------------------------------------------------- */

function show(index) {
  if (index === view || !data.views[index]) return;
  decide(null);
  view = index;
  current = -1;
  const { sheet: number, units } = data.views[view];
  for (const part of $$("[data-view]")) part.hidden = Number(part.dataset.view) !== view;
  for (const part of $$("[data-sheet]")) part.hidden = Number(part.dataset.sheet) !== number;
  const { marks, unitOf } = sheet();
  for (const mark of marks) {
    mark.className = "";
    mark.removeAttribute("tabindex");
  }
  unitOf.clear();
  units.forEach((u, n) => {
    if (u[FIRST] < 0 || u[OPENED]) return;
    for (let m = u[FIRST]; m <= u[LAST]; m++) {
      marks[m].className = classOf(u[STEP]);
      unitOf.set(marks[m], n);
    }
    if (u[STEP]) marks[u[FIRST]].tabIndex = 0;
  });
  hits = units.map((u, n) => [u[RANK], n]).filter(([rank]) => rank).sort((a, b) => a[0] - b[0]).map(([, n]) => n);
  for (const fold of $$(".source details", sheet().article)) {
    const ranks = hits.filter((n) => within(units[n], fold)).map((n) => units[n][RANK]);
    $(".holds", fold).textContent = ranks.length ? `holds span ${ranks.join(", ")}` : "";
  }
  if ($("#switch")) $("#switch").value = view;
  hideTip();
  measure();
  drawMap();
  if ($("#search").value) search($("#search").value);
}

/* On paper every question stands above the texts: a passage has the strongest of its marks. */
function paintAll() {
  const strongest = new Map();
  for (const { sheet: number, units } of data.views) {
    for (const u of units.filter((each) => each[FIRST] >= 0 && !each[OPENED])) {
      for (const mark of sheets[number].marks.slice(u[FIRST], u[LAST] + 1)) {
        const known = strongest.get(mark) ?? 0;
        strongest.set(mark, Math.abs(u[STEP]) > Math.abs(known) ? u[STEP] : known);
      }
    }
  }
  for (const [mark, step] of strongest) mark.className = classOf(step);
}

const within = (u, part) => u[FIRST] >= 0 && part.contains(sheet().marks[u[FIRST]]);

function jump(index, focus = true) {
  const marks = marksOf(unit(index));
  if (!marks.length) return;
  for (const part of $$(".here")) part.classList.remove("here");
  for (const mark of marks) mark.classList.add("here");
  $(`[data-view="${view}"] .spans a[data-unit="${index}"]`)?.closest("li").classList.add("here");
  bring(marks[0]);
  if (focus) {
    marks[0].tabIndex = 0;
    marks[0].focus({ preventScroll: true });
  }
  history.replaceState(null, "", `#${marks[0].id}`);
}

/* Blocks that were far away have estimated heights: the place is right at the second call. */
function bring(target) {
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
  const go = () => target.scrollIntoView({ block: "center", inline: "nearest" });
  go();
  requestAnimationFrame(() => { go(); place(); });
}

/* The text without a set of spans, or with these alone of all that was examined. */
function decide(index) {
  for (const button of $$(".decision")) {
    const here = index !== null && Number(button.closest("[data-view]").dataset.view) === view;
    button.setAttribute("aria-pressed", here && Number(button.dataset.decision) === index);
  }
  for (const mark of $$(".gone, .kept")) mark.classList.remove("gone", "kept");
  const mode = $("#mode");
  if (!mode) return;
  mode.hidden = index === null;
  const area = $("#documents");
  area.classList.remove("without", "alone");
  if (index === null) return;
  const [kind, units] = data.views[view].decisions[index];
  area.classList.add(kind);
  for (const n of units) for (const mark of marksOf(unit(n))) mark.classList.add(kind === "without" ? "gone" : "kept");
  mode.textContent = kind === "without"
    ? "Without the struck lines the model was asked again: it no longer gives this answer. Esc goes back."
    : "With all struck lines deleted the model was asked again: it still gives this answer. Esc goes back.";
  jump(units[0], false);
}

/* -- what a mark means --------------------------------------------------------------------- */

function number(value) {
  if (value === null) return "not measured";
  if (value === 0) return "0";
  const plain = Math.abs(value) >= 0.005 && Math.abs(value) < 1e5;
  const text = plain ? value.toFixed(2) : value.toExponential(1);
  return value > 0 ? `+${text}` : text;
}

function tell(mark) {
  const index = sheet().unitOf.get(mark);
  if (index === undefined) return hideTip();
  const u = unit(index), tip = $("#tip");
  const lines = [];
  if (u[LOW] !== null) lines.push(`interval [${number(u[LOW])}, ${number(u[HIGH])}]${u[SIGNIFICANT] ? "" : ", not significant"}`);
  lines.push(u[EFFECT] !== null ? `deleted alone: ${number(u[EFFECT])}, measured` : "not deleted alone");
  if (u[SELECTED] !== null) lines.push(`selected in ${Math.round(100 * u[SELECTED])} % of fits`);
  const what = u[STEP] > 0 ? "supports the answer" : u[STEP] < 0 ? "opposes the answer" : "examined, no effect";
  const head = element("p");
  head.append(element("b", {}, number(u[WEIGHT])), ` nats, ${what}${u[RANK] ? ` (rank ${u[RANK]})` : ""}`);
  tip.replaceChildren(head, ...lines.map((line) => element("p", {}, line)));
  tip.hidden = false;
  const at = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  const above = at.top - height - 8;
  tip.style.top = `${above > $(".top").getBoundingClientRect().bottom ? above : at.bottom + 8}px`;
  mark.setAttribute("aria-describedby", "tip");
}

function hideTip() {
  if ($("#tip")) $("#tip").hidden = true;
}

/* -- search -------------------------------------------------------------------------------- */

let matches = [], at = -1;

/* White space in what is looked for stands for any white space: lines of a text are wrapped. */
function search(words) {
  matches = [];
  at = -1;
  const escaped = words.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
  if (escaped) {
    const pattern = new RegExp(escaped, "giu");
    for (const text of $$(".text", sheet().article)) {
      for (const match of text.textContent.matchAll(pattern)) {
        if (matches.push([text, match.index, match.index + match[0].length]) >= 5000) break;
      }
    }
  }
  paintFound();
  $("#matches").textContent = escaped ? (matches.length ? `${matches.length.toLocaleString("en")} found` : "not found") : "";
}

function paintFound() {
  if (!window.Highlight) return;
  CSS.highlights.delete("current");
  CSS.highlights.set("found", new Highlight(...matches.slice(0, 1000).map(range)));
}

function step(by) {
  if (!matches.length) return;
  at = at < 0 && by < 0 ? matches.length - 1 : (at + by + matches.length) % matches.length;
  const here = range(matches[at]);
  bring(here.startContainer.parentElement);
  if (window.Highlight) CSS.highlights.set("current", new Highlight(here));
  $("#matches").textContent = `${(at + 1).toLocaleString("en")} of ${matches.length.toLocaleString("en")}`;
}

/* Offsets of a text to a place in its elements; where each line begins is counted once. */
const lineStarts = new WeakMap();
function range([text, start, end]) {
  if (!lineStarts.has(text)) {
    const lines = $$("p", text);
    let sum = 0;
    lineStarts.set(text, { lines, starts: lines.map((line) => [sum, (sum += line.textContent.length)][0]) });
  }
  const stretch = document.createRange();
  stretch.setStart(...point(text, start));
  stretch.setEnd(...point(text, end));
  return stretch;
}

function point(text, offset) {
  const { lines, starts } = lineStarts.get(text);
  let low = 0, high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  let rest = offset - starts[low];
  const walker = document.createTreeWalker(lines[low], NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  while (node && rest > node.length) {
    rest -= node.length;
    node = walker.nextNode();
  }
  return node ? [node, rest] : [lines[low], 0];
}

/* -- the map ------------------------------------------------------------------------------- */

let seen = null;

function drawMap() {
  const map = $("#map"), { units, kept } = data.views[view], { fill } = sheet();
  const svg = element("svg", { viewBox: "0 0 100 10000", preserveAspectRatio: "none" });
  const high = 10000 / fill.length;
  const ink = [...fill].map((digit, n) => (digit > 0 ? `M14 ${n * high + high * 0.15}h${digit * 8}v${high * 0.55}h-${digit * 8}z` : ""));
  svg.append(element("path", { class: "ink", d: ink.join("") }));
  for (const [top, bottom] of kept) {
    svg.append(element("rect", { class: "kept", x: 0, width: 100, y: top, height: Math.max(20, bottom - top) }));
    svg.append(element("rect", { class: "edge", x: 0, width: 5, y: top, height: Math.max(20, bottom - top) }));
  }
  const weak = units.filter((u) => !u[OPENED]).sort((a, b) => Math.abs(a[STEP]) - Math.abs(b[STEP]));
  for (const u of weak) {
    const strength = Math.abs(u[STEP]);
    const wide = strength ? 35 + 12 * strength : 20;
    svg.append(element("rect", { class: classOf(u[STEP]), x: 100 - wide, width: wide, y: u[TOP], height: Math.max(45, u[BOTTOM] - u[TOP]) }));
  }
  seen = element("rect", { class: "see", x: 0.5, width: 99 });
  svg.append(seen);
  map.replaceChildren(svg);
  map.style.maxHeight = `${Math.max(120, 6 * sheet().rows)}px`; // a short text is not drawn out
  place();
}

/* Which part of the text is on the screen: by the blocks, as heights far away are estimates. */
function place() {
  if (!seen) return;
  // What stands beside the text ends where the screen does, wherever it begins.
  const room = innerHeight - $("#map").getBoundingClientRect().top - 16;
  root.style.setProperty("--room", `${Math.max(320, room)}px`);
  const top = heightAt($(".top").getBoundingClientRect().bottom), bottom = heightAt(innerHeight);
  seen.setAttribute("y", top);
  seen.setAttribute("height", Math.max(60, bottom - top));
}

function scrolled() {
  place();
  const mark = document.activeElement;
  if (mark?.matches("article mark") && !$("#tip").hidden) tell(mark);
  else hideTip();
}

function heightAt(y) {
  const { article, blocks } = sheet(), all = (sheet().boxes ??= $$(".b", article));
  let low = 0, high = all.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (all[middle].getBoundingClientRect().top <= y) low = middle;
    else high = middle - 1;
  }
  const box = all[low].getBoundingClientRect();
  const share = box.height ? Math.min(1, Math.max(0, (y - box.top) / box.height)) : 0;
  const from = blocks[low], to = blocks[low + 1] ?? 10000;
  return from + share * (to - from);
}

function toHeight(height) {
  const { blocks, boxes } = sheet();
  let n = blocks.findLastIndex((from) => from <= height);
  n = Math.max(0, n);
  const lines = boxes[n].children;
  const share = (height - blocks[n]) / ((blocks[n + 1] ?? 10000) - blocks[n] || 1);
  bring(lines[Math.min(lines.length - 1, Math.floor(share * lines.length))] ?? boxes[n]);
}

function measure() {
  const header = $(".top");
  root.style.setProperty("--top", `${header.offsetHeight}px`);
}

/* -- what happens -------------------------------------------------------------------------- */

document.addEventListener("click", (event) => {
  const to = event.target.closest("[data-unit], [data-decision], [data-block], #theme, #help, #map");
  if (!to) return;
  if (to.matches("[data-unit]")) {
    event.preventDefault();
    current = hits.indexOf(Number(to.dataset.unit));
    jump(Number(to.dataset.unit));
  } else if (to.matches("[data-decision]")) {
    decide(to.getAttribute("aria-pressed") === "true" ? null : Number(to.dataset.decision));
  } else if (to.matches("[data-block]")) {
    event.preventDefault();
    const block = document.getElementById(to.dataset.block);
    bring(block.children[Number(to.dataset.row)] ?? block);
  } else if (to.id === "theme") theme();
  else if (to.id === "help") $("#keys").showModal();
  else if (to.id === "map") {
    const box = to.getBoundingClientRect();
    toHeight((10000 * (event.clientY - box.top)) / box.height);
  }
});

document.addEventListener("pointerover", (event) => {
  if (event.target.nodeType !== 1 || !event.target.closest(".documents")) return;
  const mark = event.target.closest("mark");
  if (mark) tell(mark);
  else if (!document.activeElement?.matches("mark")) hideTip();
});
document.addEventListener("focusin", (event) => (event.target.matches("article mark") ? tell(event.target) : hideTip()));
document.addEventListener("change", (event) => event.target.id === "switch" && show(Number(event.target.value)));
document.addEventListener("submit", (event) => event.target.matches(".search") && event.preventDefault());

let typing = 0;
document.addEventListener("input", (event) => {
  if (event.target.id !== "search") return;
  clearTimeout(typing);
  typing = setTimeout(() => search(event.target.value), 120);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.id === "search") {
    if (event.key === "Enter") {
      event.preventDefault();
      if (at < 0) search(event.target.value);
      step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.target.value = "";
      search("");
      event.target.blur();
    }
    return;
  }
  if (event.target.matches("input, select, textarea") || $("dialog[open]") || !data.views.length) return;
  const ranked = (to) => hits[to] !== undefined && jump(hits[(current = to)]);
  const keys = {
    j: () => ranked(Math.min(hits.length - 1, current + 1)),
    k: () => ranked(Math.max(0, current - 1)),
    "]": () => show(Math.min(data.views.length - 1, view + 1)),
    "[": () => show(Math.max(0, view - 1)),
    "/": () => $("#search").focus(),
    "?": () => $("#keys").showModal(),
    d: theme,
    Escape: () => { decide(null); hideTip(); },
  };
  const act = keys[event.key] ?? (/^[1-9]$/.test(event.key) ? () => ranked(Number(event.key) - 1) : null);
  if (!act) return;
  event.preventDefault();
  act();
});

function theme() {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

/* `#finding-3` is the third explanation; `#d0m7` a mark, which belongs to the one that is shown. */
function follow() {
  const finding = /^#finding-(\d+)$/.exec(location.hash);
  if (finding) {
    show(Number(finding[1]) - 1);
    $(`#finding-${finding[1]}`)?.scrollIntoView({ block: "start" });
    return;
  }
  const mark = /^#d\d+m\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
  if (!mark) return;
  const index = sheet().unitOf.get(mark);
  if (index === undefined) bring(mark);
  else jump(index, false);
}

if (data.views.length) {
  show(0);
  follow();
  addEventListener("hashchange", follow);
  addEventListener("scroll", () => requestAnimationFrame(scrolled), { passive: true });
  addEventListener("resize", () => { measure(); place(); });
  addEventListener("beforeprint", () => {
    for (const part of $$("details")) part.open = true;
    if ($("#mode").hidden) paintAll();
  });
  addEventListener("afterprint", () => {
    const back = view;
    view = -1;
    show(back);
  });
} else {
  addEventListener("load", measure);
}
