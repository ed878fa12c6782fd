"use strict";
/* What stands behind a value, as `citypulse why` says it. `citypulse serve` answers; from disk the page tells how to ask. */
const MOST = 10;
const word = (text) => (/^[\w.:+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const command = (name, ...more) => el("code", {}, ["citypulse", name, "--city", EDITION.city.id, chosen.id, word(chosen.place), chosen.period, ...more].join(" "));
const records = (some) => (some === null ? t("some_records") : t(some === 1 ? "of_record" : "of_records", { n: count(some) }));

function drawBehind() {
  const { id, place, period } = chosen;
  if (cellOf(place, period).missing) return body("behind", none("no_record"));
  const how = el("p", { class: "note" }, t("ask_why"), " ", command("why", "--as-of", EDITION.biz_date));
  if (location.protocol === "file:") return body("behind", how);
  body("behind", none("asking"));
  const name = `why ${id} ${place} ${period}`;
  const still = () => chosen.id === id && chosen.place === place && chosen.period === period;
  return script(`why.js?${new URLSearchParams({ id, place, period })}`).then(
    () => still() && body("behind", ...behind(DATA[name]), how),
    () => still() && body("behind", none("no_answer"), how));
}

function behind(found) {
  if (found.problem) return [el("p", { class: "note" }, found.problem)];
  const { definition } = found;
  const made = definition.value ? `${t("formula")} = ${definition.value}` : `${t("method")} ${definition.method}`;
  return [el("p", {}, el("code", {}, made)), ...found.terms.map((term) => el("div", { class: "term" }, ...(term.values ? takenValues(term) : takenRecords(term)))),
    ...found.notes.map((note) => el("p", { class: "note" }, note))];
}

/* A term that takes other published values: each links to its own page. */
function takenValues(term) {
  const listed = [...term.values].slice(0, MOST).map(({ indicator, place, period, value, status }) => ({
    row: [period, placeName(place), value === null || value === undefined ? status || UNKNOWN : about(indicator) && EDITION.places[place] ? figure(value, { indicator, place, period }) : String(value)],
  }));
  const more = term.values.length - listed.length;
  return [el("h3", {}, el("code", {}, term.name), ` · ${term.indicator ? nameOf(term.indicator) : code("taken", term.kind)}${term.takes ? ` · ${code("take", term.takes)}` : ""}`),
    table(["period", "place", "value"].map((key) => t(key)), listed), more > 0 ? el("p", { class: "note" }, t("and_more", { n: count(more) })) : null].filter(Boolean);
}

/* A term of records: its number, what counts, what does not and why, who is silent, who says most, whose files. */
function takenRecords(term) {
  const number = term.number && typeof term.number === "object" ? Object.entries(term.number).map(([name, text]) => `${name} ${text}`).join(" · ") : term.number;
  const silent = term.reporters_missing.map(({ reporter, missing, of }) => `${reporter} (${count(missing)} ${t(`slots.${of}`)})`);
  const heard = term.reporters.map(({ reporter, used }) => `${reporter} (${count(used)})`);
  const facts = [
    ["what_it_takes", el("code", {}, `${term.kind} · ${term.table}${term.of ? ` · ${term.of}` : ""}${term.where ? ` · ${term.where}` : ""}`)],
    ["records_used", records(term.used)],
    ...term.not_used.map(({ part, reason: why, where, records: some }) => ["records_not_used", `${records(some)} · ${code("part", part)}${why ? ` (${why})` : ""}${where === "here" ? "" : ` · ${t(`near.${where}`)}`}`]),
    ["days_missing", cut(term.days_missing)], ["silent", cut(silent)], ["top_contributors", cut(heard)],
  ].filter(([, text]) => text !== "");
  const files = term.deliveries.slice(0, MOST).map(({ source, file, sha256, delivered_at: at, used }) => ({
    row: [source, file, instant(at), { text: used === null ? t("some") : count(used), class: "num" }, { text: sha256.slice(0, 12), title: sha256, class: "line" }],
  }));
  const more = term.deliveries.length - files.length;
  return [el("h3", {}, el("code", {}, term.name), number === undefined || number === null ? "" : ` = ${number}`),
    el("dl", { class: "facts" }, facts.map(([key, text]) => el("div", {}, el("dt", {}, t(key)), el("dd", {}, text)))),
    files.length ? table(["source", "file", "delivered_at", "records_used", "sha256"].map((key) => t(key)), files) : null,
    more > 0 ? el("p", { class: "note" }, t("and_more", { n: count(more) })) : null].filter(Boolean);
}

function cut(texts) {
  return texts.length > MOST ? `${texts.slice(0, MOST).join(t("list"))} … (${count(texts.length)})` : texts.join(t("list"));
}
