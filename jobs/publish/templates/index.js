"use strict";
/* The city at a glance. */
function drawHead() {
  by("kicker").textContent = t("bulletin");
  by("title").textContent = say(EDITION.city.name);
  const [files, first, then, rest, most] = document.body.dataset.weight.split(" ").map(Number);
  by("footer").replaceChildren(t("footer"), " ", t("weight", { files, first: size(first), then: size(then), rest, most: size(most) }));
  by("dates").replaceChildren(el("strong", {}, t("biz_date"), " ", el("time", { datetime: EDITION.biz_date }, EDITION.biz_date)), " · ",
    EDITION.previous ? el("a", { href: `../${EDITION.previous}/index.html?lang=${page.language}` }, t("previous", { day: EDITION.previous })) : t("no_previous"));
}

function stateCounts(states) {
  return el("span", { class: "under" }, STATES.filter((state) => states[state]).map((state) => `${t(`state.${state}`)} ${count(states[state])}`).join(" · "));
}

/* A tile says its level in words, how many values are in which state, and what it cannot say. */
function tile(href, name, { colour, possible, alerts, states }, silent) {
  const level = colour || possible ? chips({ colour, possible, basis: "certain" }) : [el("span", { class: "chip none" }, silent)];
  const poor = ["stale", "withheld"].filter((state) => states[state]).map((state) => badge(state));
  return el("li", {}, el("a", { href, class: `tile ${colour || (possible ? "possible" : "calm")}` }, el("b", {}, name), el("span", { class: "chips" }, level, alerts > 1 ? ` ×${count(alerts)}` : "", poor), stateCounts(states)));
}

function drawElements() {
  const silent = (element) => (!element.n ? t("no_indicators") : !element.watched ? t("unwatched") : !(element.states.final || element.states.provisional) ? t("unmeasured_all") : t("colour.none"));
  by("elements").querySelector(".tiles").replaceChildren(...EDITION.elements.map((element) => tile(address("element", { id: element.id }), say(element), element, silent(element))));
  by("colours").replaceChildren(...COLOURS.map((colour) => chip(colour)), chip("red", "possible"), el("span", {}, t("possible_means")));
}

function drawDistricts() {
  by("districts").hidden = !EDITION.districts.length;
  by("districts").querySelector(".tiles").replaceChildren(...EDITION.districts.map((each) => tile(address("district", { id: each.id }), placeName(each.id), each, t("colour.none"))));
}

function drawAbsent() {
  const rows = EDITION.absent.map((reading) => ({
    class: reading.state === "withheld" ? "alarm" : "warn",
    row: [badge(reading.state), indicatorLink(reading.indicator, EDITION.city.id, about(reading.indicator).period), valueCell(reading, EDITION.city.id), (reading.reasons || []).map(reason).join(t("list")), say(EDITION.owners[about(reading.indicator).owner])],
  }));
  if (!rows.length) return body("absent", none("none_absent"));
  return body("absent", short(["status", "indicator", "value", "reason", "owner"].map((key) => t(key)), rows, 12));
}

function drawHeadlines() {
  by("legend").replaceChildren(...legend());
  body("headlines", readingsTable(EDITION.headlines, EDITION.city.id),
    el("p", { class: "note" }, el("a", { href: address("district", { id: EDITION.city.id }) }, t("all_of_city", { n: Object.keys(EDITION.indicators).length }))));
}

const LEVEL_FILL = { red: "#c62828", orange: "#ef7d1a", yellow: "#f3cf3a", blue: "#3f7fc4" };

/* Districts by their worst level; the words stand on the map, so colour is not alone. */
function drawMap() {
  load("map").then((found) => found && script(ECHARTS).then(paintMap, () => { by("map").textContent = t("no_charts"); }));
}

function paintMap() {
  const at = Object.fromEntries(EDITION.districts.map((each) => [each.id, each]));
  const word = (id) => { const { colour, possible } = at[id] || {}; return colour ? t(`colour.${colour}`) : possible ? t("possibly", { colour: t(`colour.${possible}`) }) : t("colour.none"); };
  const fill = (id) => {
    const { colour, possible } = at[id] || {};
    return colour ? { areaColor: LEVEL_FILL[colour] } : possible ? { areaColor: "#fff7df", borderColor: LEVEL_FILL[possible], borderWidth: 2.5, borderType: "dashed", decal: HATCH } : { areaColor: "#eef3f8" };
  };
  geometry("map", (id) => ({ itemStyle: fill(id) }), (id) => `${placeName(id)}\n${word(id)}`, null, (id) => { location.href = address("district", { id }); });
  by("map").setAttribute("aria-label", EDITION.districts.map(({ id }) => `${placeName(id)} ${word(id)}`).join(t("list")));
}

part(drawHead);
part(() => by("summary").querySelector(".sentences").replaceChildren(...EDITION.summary.map(sentence)));
part(drawElements);
part(() => drawAlerts(EDITION.alerts, EDITION.counts.alerts, EDITION.elements.some((each) => each.watched)));
part(drawMoved);
part(drawAbsent);
part(drawHeadlines);
part(drawDistricts);
part(drawChanges);
part(() => setTimeout(drawMap)); /* the words first: the map loads the chart library */
