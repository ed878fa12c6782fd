"use strict";
/* The catalogue: every table and indicator with its 13 core metadata, and what the night knows of it. */
const MANY = 60;
const tag = (kind, text) => el("span", { class: `badge ${kind}` }, text);
const FRESH = { late: "failed", on_time: "passed", never_due: "unknown" };
const fresh = (state) => tag(FRESH[state], t(`freshness.${state}`));
const of = (id) => EDITION.resources.find((each) => each.id === id);
const open = (id, ...content) => el("a", { class: "name", href: `#id=${encodeURIComponent(id)}` }, ...content);

const promised = () => EDITION.resources.filter((each) => each.plan);
const overdue = () => promised().filter((each) => each.plan.state === "overdue").length;
const KEPT = { overdue: "failed", late: "provisional", in_time: "passed", planned: "unknown" };
const kept = (state) => tag(KEPT[state], t(`plan.${state}`));

function drawHead() {
  by("kicker").textContent = `${say(EDITION.city.name)} · ${t("catalogue")}`;
  by("title").textContent = t("catalogue");
  by("footer").textContent = t("footer_catalogue", { standard: EDITION.standard });
  by("dates").replaceChildren(el("strong", {}, t("biz_date"), " ", el("time", { datetime: EDITION.biz_date }, EDITION.biz_date)), " · ",
    el("a", { href: "catalogue.csv" }, "catalogue.csv"), " · ", el("a", { href: "catalogue.json" }, "catalogue.json"));
  const n = (test) => EDITION.resources.filter(test).length;
  const tiles = [
    ["final", n((each) => each.kind === "table"), "tile.tables"], ["final", n((each) => each.kind === "indicator"), "tile.indicators"],
    ["plain", n((each) => each.open), "tile.open"], ["plain", n((each) => each.sharing === "none"), "tile.not_shared"],
    [n((each) => each.state === "late") ? "provisional" : "plain", n((each) => each.state === "late"), "tile.late"],
    ...(promised().length ? [[overdue() ? "provisional" : "plain", overdue(), "tile.overdue"]] : []),
    [n((each) => each.quality.held.length) ? "alarm" : "plain", n((each) => each.quality.held.length), "tile.held"],
  ];
  by("glance").replaceChildren(...tiles.map(([kind, many, label]) => el("li", {}, el("div", { class: `tile ${kind}` }, el("b", {}, count(many)), el("span", {}, t(label))))));
}

/* What is promised by when, what has to be done for it, and how it can then be had: soonest first. */
function drawTimetable() {
  const found = promised().sort((a, b) => (a.plan.by === b.plan.by ? a.id.localeCompare(b.id) : a.plan.by < b.plan.by ? -1 : 1));
  const rows = found.map((each) => ({
    "data-resource": each.id,
    row: [
      line(each.plan.by), el("span", {}, open(each.id, say(each.name)), el("code", { class: "under" }, each.id)), say(each.provider), kept(each.plan.state), line(each.plan.opened || UNKNOWN),
      say(each.plan.task), say(each.plan.way) || t("way_of_entry"),
    ],
  }));
  body("timetable", short(["due_by", "resource", "owner", "progress", "open_since", "task", "way"].map((key) => t(key)), rows, 20));
}

const filters = () => ({ kind: by("kind").value, element: by("element").value, owner: by("owner").value, late: by("late").checked, text: by("search").value.trim().toLowerCase() });

function matches(each, filter) {
  if (filter.kind && each.kind !== filter.kind) return false;
  if (filter.element && each.element !== filter.element) return false;
  if (filter.owner && each.provider.zh !== filter.owner) return false;
  if (filter.late && each.state !== "late") return false;
  return !filter.text || [each.id, each.name.zh, each.name.en].some((text) => text.toLowerCase().includes(filter.text));
}

function passed({ rules, passed: good, held }) {
  const told = rules ? t("rules_passed", { n: count(good), of: count(rules) }) : t("not_judged");
  return held.length ? el("span", {}, told, " ", tag("withheld", t("held_days", { n: count(held.length) }))) : told;
}

const elementName = (id) => say(EDITION.elements.find((each) => each.id === id)) || id;

function drawList() {
  const filter = filters();
  const found = EDITION.resources.filter((each) => matches(each, filter));
  const heads = ["resource", "element", "owner", "sharing", "opening", "cycle", "rows", "newest", "freshness", "quality_page"].map((key) => t(key));
  const rows = found.map((each) => ({
    "data-resource": each.id,
    row: [
      el("span", {}, open(each.id, say(each.name)), el("code", { class: "under" }, each.id)), line(elementName(each.element)), say(each.provider), line(code("sharing", each.sharing)),
      line(t(each.open ? "open.yes" : "open.no")), line(code("cycle", each.cycle)), { text: count(each.rows), class: "num" }, line(each.newest || UNKNOWN), fresh(each.state), passed(each.quality),
    ],
  }));
  body("listed", found.length ? short(heads, rows, MANY) : none("no_resources"));
  by("shown").textContent = t("resources_shown", { shown: count(found.length), all: count(EDITION.resources.length) });
}

function drawFilters() {
  const any = ["", t("any")];
  const here = new Set(EDITION.resources.map((each) => each.element));
  const offices = new Map(EDITION.resources.map((each) => [each.provider.zh, say(each.provider)]));
  options(by("kind"), [any, ["table", t("resource.table")], ["indicator", t("resource.indicator")]], by("kind").value);
  options(by("element"), [any, ...EDITION.elements.filter((each) => here.has(each.id)).map((each) => [each.id, say(each)])], by("element").value);
  options(by("owner"), [any, ...offices], by("owner").value);
}

const facts = (pairs) => el("dl", { class: "facts" }, pairs.map(([head, ...said]) => el("div", {}, el("dt", {}, head), el("dd", {}, ...said))));
const declared = (text, known) => (known ? [text] : [text, " ", el("span", { class: "none" }, t("derived"))]);
const official = (text) => text || el("span", { class: "none" }, t("undeclared"));
const lines = (...parts) => parts.filter(Boolean).map((part) => el("div", {}, part));

const promise = (plan) => plan && el("span", {}, t("promised", { by: plan.by }), " ", kept(plan.state));

/* The 13 core metadata under the standard's own names, in its order. */
function core(each, told) {
  const head = (key) => (page.language === "zh" ? EDITION.headings[key] : `${t(`core.${key}`)} · ${EDITION.headings[key]}`);
  return facts([
    [head("classed"), ...declared(`${code("class", told.classed.type)}${told.classed.code ? ` ${told.classed.code}` : ""}`, told.classed.declared)],
    [head("name"), say(each.name)],
    [head("code"), official(told.code), el("code", { class: "under" }, each.id)],
    [head("provider"), say(each.provider)],
    [head("provider_code"), official(told.provider_code)],
    [head("summary"), say(told.summary)],
    [head("format"), say(told.format)],
    [head("items"), t("items", { n: count((told.items || EDITION.value_items).length) })],
    [head("sharing"), ...lines(el("span", {}, ...declared(code("sharing", told.sharing.type), told.sharing.declared)), say(told.sharing.condition), say(told.sharing.way))],
    [head("opening"), ...lines(el("span", {}, ...declared(t(told.opening.open ? "open.yes" : "open.no"), told.opening.declared)), say(told.opening.condition), promise(each.plan))],
    [head("cycle"), code("cycle", each.cycle)],
    [head("released"), told.released || t("not_released")],
    [head("related"), told.related.length ? t("related_n", { n: count(told.related.length) }) : UNKNOWN],
  ]);
}

function known(each, told) {
  return facts([
    [t("rows"), count(each.rows), told.unit && unit(told.unit) ? ` · ${unit(told.unit)}` : ""],
    [t("newest"), each.newest || UNKNOWN],
    [t("renewed"), told.renewed || UNKNOWN],
    [t("freshness"), fresh(each.state)],
    [t("rules_of_night"), passed(each.quality), ...lines(...each.quality.held)],
    [t("steward"), say(each.provider), el("code", { class: "under" }, told.steward)],
    [t("seen"), code("seen", told.level)],
    [t("personal"), code("personal", told.personal || "none")],
  ]);
}

/* A stored type in the standard's words, with its length. */
const typed = (text) => text.replace(/^\w+/, (kind) => code("type", kind));

function schema(each, told) {
  const items = told.items || EDITION.value_items.map((item) => (EDITION.in_unit.includes(item.id) ? { ...item, unit: told.unit } : item));
  const rows = items.map((item) => ({
    row: [el("code", {}, item.id), item.name.zh, item.name.en, typed(item.type), item.unit ? unit(item.unit) || "1" : "", code("seen", item.level), item.personal ? code("personal", item.personal) : ""],
  }));
  return [el("h3", {}, t("core.items")), table(["item", "name_zh", "name_en", "type", "in_unit", "seen", "personal"].map((key) => t(key)), rows)];
}

function relations(told) {
  if (!told.related.length) return [];
  const rows = told.related.map((other) => ({ row: [code("role", other.role), of(other.id) ? open(other.id, say(other.name)) : say(other.name), el("code", {}, other.id), official(other.code)] }));
  return [el("h3", {}, t("related")), short(["role", "resource", "id", "core.code"].map((key) => t(key)), rows, 20)];
}

/* What a source lacks, as the ledger says it, in words. */
function lacking(text) {
  const [, day, n] = /^nothing after (\S+): (\d+) days?$/.exec(text) || [];
  return day ? t("nothing_after", { day, n: count(Number(n)) }) : text;
}

function origins(told) {
  if (!told.sources.length) return [];
  const rows = told.sources.map((each) => ({
    class: each.state === "late" ? "warn" : "",
    row: [el("code", {}, each.source), say(each.publisher), each.licence, code("cycle", each.every), fresh(each.state), lacking(each.detail)],
  }));
  return [el("h3", {}, t("sources")), short(["source", "publisher", "licence", "cycle", "freshness", "reason"].map((key) => t(key)), rows, 20)];
}

function drawEntry() {
  const each = of(wanted().get("id"));
  by("entry").hidden = !each;
  by("listed").hidden = !!each;
  by("timetable").hidden = !!each || !promised().length;
  by("glance").parentElement.hidden = !!each;
  if (!each) return;
  by("entry-title").textContent = say(each.name);
  load(`resources-${each.file}`).then((pack) => {
    if (!pack || each.id !== wanted().get("id")) return;
    const told = pack[each.id];
    by("entry-body").replaceChildren(core(each, told), el("h3", {}, t("night_knows")), known(each, told), ...schema(each, told), ...relations(told), ...origins(told));
  });
}

function turn() {
  drawEntry();
  window.scrollTo(0, 0);
  if (!by("entry").hidden) by("entry-title").focus();
}

["kind", "element", "owner", "late"].forEach((id) => by(id).addEventListener("change", drawList));
by("search").addEventListener("input", drawList);
window.addEventListener("hashchange", turn);
[drawHead, drawTimetable, drawFilters, drawList, drawEntry].forEach(part);
