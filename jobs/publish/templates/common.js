"use strict";
/* Shared by the pages of an edition: data in, words in two languages, numbers, elements. Text only ever enters through textContent. */
const DATA = {};
let EDITION = null;
let LABELS = {};
const UNKNOWN = "—";

/* Every file of data calls this with its name. */
function citypulse(name, payload) {
  DATA[name] = payload;
  if (name === "labels") LABELS = payload;
  if (name === document.body.dataset.start) EDITION = payload;
}

const asked = {};

/* A script of the edition, once: pages opened from disk may not fetch. */
function script(file) {
  asked[file] = asked[file] || new Promise((done, fail) => {
    const made = Object.assign(document.createElement("script"), { src: file, onload: done, onerror: () => fail(new Error(file)) });
    document.head.append(made);
  });
  return asked[file];
}

/* A file of data; what is not there is told on the page. */
function load(name) {
  return (DATA[name] ? Promise.resolve() : script(`data/${name}.js`)).then(() => DATA[name]).catch(() => {
    absent(`data/${name}.js`);
    return null;
  });
}

function absent(file) {
  by("missing").hidden = false;
  by("missing").textContent = t("missing_file", { file });
}

/* What is looked at stands behind the # of the address. */
const wanted = () => new URLSearchParams(location.hash.slice(1));
const address = (page_name, fill) => `${page_name}.html?lang=${page.language}#${new URLSearchParams(fill)}`;
const page = { language: "zh", parts: [] };

/* A page's part draws itself from the data, again after each change of language. */
const part = (draw) => page.parts.push(draw);
const by = (id) => document.getElementById(id);

function stored(write) {
  try {
    if (write) localStorage.setItem("citypulse.language", write);
    return localStorage.getItem("citypulse.language");
  } catch (refused) { /* some browsers keep no storage for files: the links carry the language instead */
    return null;
  }
}

const has = (key) => Object.hasOwn(LABELS, key);

/* A label in the language of the page; {name} is filled from the second argument. */
function t(key, fill = {}) {
  const text = has(key) ? LABELS[key][page.language] : key;
  return text.replace(/\{(\w+)\}/g, (_, name) => fill[name]);
}

/* A code of an open vocabulary: its label, or the code itself. */
const code = (kind, value) => (value === null || value === undefined || value === "" ? "" : has(`${kind}.${value}`) ? t(`${kind}.${value}`) : String(value));

/* Bilingual or plain text from the data. */
function say(text) {
  if (text === null || text === undefined) return "";
  if (typeof text !== "object") return String(text);
  return text[page.language] || text.zh || text.en || "";
}

function placeName(id) {
  const place = EDITION.places[id];
  if (id === "unplaced" || !place) return code("place", id);
  const [first, second] = page.language === "zh" ? [place.name_zh, place.name_en] : [place.name_en, place.name_zh];
  return first || second || id;
}

/* "code" or "code: detail" with a known code becomes words; anything else is shown as it is.
   A label takes the detail up as {all}, its numbers as {0} and {1}, the cause and names behind a number as {cause}, or its side in the page's language (zh | en) as {side}. */
function reason(text) {
  const [, head, tail = ""] = /^([a-z_]+)(?:[:\s]\s*(.*))?$/s.exec(text) || [];
  if (!head || !has(`reason.${head}`)) return text;
  const label = LABELS[`reason.${head}`][page.language];
  if (!label.includes("{")) return label + (tail ? t("colon") + tail : "");
  const sides = tail.split(" | ");
  const [, why, who] = /^\d+, (\w+)(?:, (.*))?$/.exec(tail) || [];
  const fill = { cause: [code("cause", why), who].filter(Boolean).join(t("list")), all: tail.replace(/^last good /, "") || UNKNOWN, side: sides[page.language === "en" && sides.length > 1 ? 1 : 0] };
  (tail.match(/\d[\d.]*/g) || []).forEach((digits, place) => { fill[place] = digits; });
  return label.replace(/\{(\w+)\}/g, (_, name) => (name in fill ? fill[name] : UNKNOWN));
}

const locale = () => (page.language === "zh" ? "zh-CN" : "en-GB");

/* digits: decimals, or null for six significant digits. Unknown is a dash. */
function number(value, digits = null) {
  if (value === null || value === undefined) return UNKNOWN;
  const shape = digits === null ? { maximumSignificantDigits: 6 } : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale(), { ...shape, signDisplay: "negative" }).format(value).replace("-", "−");
}

const count = (value) => number(value, 0);

/* A unit in words: its own label, or its parts', as 件/万户 or complaints per 10,000 households; a symbol stays what it is. */
const TENS = { 100: "百", 1000: "千", 10000: "万", 100000: "10 万", 万: "10,000 ", 亿: "100,000,000 " };
function unit(name) {
  if (name === "1" || name === "") return "";
  if (has(`unit.${name}`)) return t(`unit.${name}`);
  const [over, under, ...more] = name.split("/").map((side) => side.replace(/^\((.*)\)$/, "$1").split("*").map(unitPart));
  if (more.length || name.includes("**")) return name;
  if (!under) return over.join("·");
  const per = page.language === "en" && /\d/.test(name) ? " per " : "/";
  return over.join("·") + per + (under.length > 1 ? `(${under.join("·")})` : under[0]);
}

/* A unit that may be taken so many at a time, as 10000 household or 万record. */
function unitPart(text) {
  const [, many = "", ten, one] = /^(?:(\d+) )?([万亿]?)(.*)$/.exec(text);
  if (page.language === "zh") return (TENS[many] || many) + ten + code("unit", one);
  return `${many && `${count(Number(many))} `}${TENS[ten] || ""}${code("unit", one)}`;
}

/* A share of one; what is not quite all is never shown as all, and what is not quite nothing never as nothing. */
function share(value) {
  if (value === null || value === undefined) return UNKNOWN;
  const percent = value * 100;
  if (percent > 99 && percent < 100) return ">99%";
  if (percent > 0 && percent < 1) return "<1%";
  return `${number(percent, 0)}%`;
}

function size(bytes) {
  if (bytes === null || bytes === undefined) return UNKNOWN;
  const step = bytes < 1e3 ? 0 : bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
  return `${number(bytes / 1000 ** step, step ? 1 : 0)} ${["B", "kB", "MB", "GB"][step]}`;
}

/* Days in a row are told by their ends. */
function days(list) {
  const all = Array.isArray(list) ? list : [list];
  return all.length < 3 ? all.join(", ") : t("days", { first: all[0], last: all[all.length - 1], n: all.length });
}

const body = (id, ...content) => by(id).querySelector("[data-body]").replaceChildren(...content);
const none = (key) => el("p", { class: "note" }, t(key));

const SVG = "http://www.w3.org/2000/svg";
const DRAWN = new Set(["svg", "path", "circle", "line", "rect"]);

/* An element; attributes with null or false are left out, children are elements or text. */
function el(tag, attributes = {}, ...children) {
  const made = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/* A plain table: heads are texts, a cell is an element, a text, or {text, …attributes}. Roles stay when a phone lays rows out as cards. */
function table(heads, rows, attributes = {}) {
  const cell = (content, place) => {
    const { text = content, ...rest } = content && content.constructor === Object ? content : {};
    const bare = text === UNKNOWN || text === "";
    return el("td", { role: "cell", "data-head": heads[place], ...rest, class: `${rest.class || ""}${bare ? " bare" : ""}` }, text);
  };
  const numeric = (place) => (rows.some(({ row }) => row[place] && /\bnum\b/.test(row[place].class)) ? "num" : null);
  return el("table", { role: "table", class: "plain", ...attributes },
    el("thead", { role: "rowgroup" }, el("tr", { role: "row" }, heads.map((head, place) => el("th", { role: "columnheader", scope: "col", class: numeric(place) }, head)))),
    el("tbody", { role: "rowgroup" }, rows.map(({ row, ...rest }) => el("tr", { role: "row", ...rest }, row.map(cell)))));
}

/* Text that stays on one line where there is room. */
const line = (text) => ({ text, class: "line" });

/* An instant to the minute, with its zone; the whole of it for a pointer. */
function instant(text) {
  const [, day, minute, zone] = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)[^Z+-]*(Z|[+-][\d:]+)?$/.exec(text) || [];
  return { text: day ? [day, minute, zone === "Z" ? "UTC" : zone].filter(Boolean).join(" ") : text, class: "line", title: text };
}

const badge = (state) => el("span", { class: `badge ${state}`, "data-state": state }, t(`state.${state}`));

/* Long tables start short: the first rows, the rest on demand. */
function short(heads, rows, most) {
  const whole = table(heads, rows.map((each, place) => (place < most ? each : { ...each, class: `${each.class || ""} rest` })));
  if (rows.length <= most) return whole;
  const more = el("button", { type: "button", class: "more", onclick: () => { whole.classList.add("whole"); more.remove(); } }, t("show_all", { n: count(rows.length) }));
  return el("div", {}, whole, more);
}

function options(select, items, chosen) {
  select.replaceChildren(...items.map(([value, text]) => el("option", { value, selected: value === chosen }, text)));
  select.value = chosen;
}

/* An edition that was made before its night was done says so on every page: what was not done, and what waits since when. */
function drawIncomplete() {
  const found = EDITION.incomplete;
  by("incomplete").hidden = !found;
  if (!found) return;
  const steps = found.steps.map((each) => el("li", {}, el("code", {}, each.step), " ", code("outcome", each.outcome), each.reason ? `${t("colon")}${each.reason}` : ""));
  const rows = found.tables.map((each) => ({ row: [el("code", {}, each.table), { text: count(each.deliveries), class: "num" }, line(each.since), line(each.day || UNKNOWN)] }));
  by("incomplete").replaceChildren(
    el("p", {}, el("strong", {}, t("incomplete")), " ", found.edition ? t("incomplete_since", { day: found.edition }) : t("incomplete_ever"), " ", t("incomplete_values", { n: count(found.indicators) })),
    el("ul", {}, steps),
    rows.length ? el("details", {}, el("summary", {}, t("incomplete_tables", { n: count(rows.length) })), table(["table", "incomplete_waiting", "incomplete_from", "incomplete_day"].map((key) => t(key)), rows)) : "");
}

function speak(language) {
  page.language = language;
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.querySelectorAll("[data-label]").forEach((each) => { each.textContent = t(each.dataset.label); });
  document.querySelectorAll("[data-aria]").forEach((each) => { each.setAttribute("aria-label", t(each.dataset.aria)); });
  document.querySelectorAll("[data-carry]").forEach((each) => { each.search = `?lang=${language}`; });
  by("language").textContent = t("other_language");
  by("language").lang = language === "zh" ? "en" : "zh-CN";
  drawIncomplete();
  page.parts.forEach((draw) => draw());
}

function start() {
  const told = new URLSearchParams(location.search).get("lang");
  by("language").addEventListener("click", () => {
    const next = page.language === "zh" ? "en" : "zh";
    stored(next);
    speak(next);
  });
  page.language = [stored(), told].find((each) => each === "zh" || each === "en") || "zh";
  document.querySelector(".skip").addEventListener("click", (event) => { /* the address says what is looked at */
    event.preventDefault();
    by("main").focus();
  });
  if (EDITION) speak(page.language);
  else absent(`data/${document.body.dataset.start}.js`);
}
document.addEventListener("DOMContentLoaded", start);
