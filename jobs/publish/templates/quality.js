"use strict";
/* The quality page: verdict of every table, every rule that was run, what it saw and why it exists. */
const VERDICTS = ["held", "critical", "warning", "unjudged", "passed"];

function drawHead() {
  by("kicker").textContent = t("quality_page");
  by("title").textContent = say(EDITION.city.name);
  by("footer").textContent = t("footer_quality");
  by("dates").replaceChildren(el("strong", {}, t("biz_date"), " ", el("time", { datetime: EDITION.biz_date }, EDITION.biz_date)));
}

function drawVerdicts() {
  const n = (verdict) => EDITION.tables.filter((each) => each.verdict === verdict).length;
  const kinds = { held: "alarm", critical: "alarm", warning: "provisional", unjudged: "stale", passed: "final" };
  by("glance").replaceChildren(
    el("p", { class: "tiles-head" }, t("of_tables", { n: EDITION.tables.length })),
    ...VERDICTS.map((verdict) => el("a", { href: "#tables", class: `tile ${n(verdict) ? kinds[verdict] : "plain"}` }, el("b", {}, count(n(verdict))), el("span", {}, t(`verdict.${verdict}`)))),
    el("p", { class: "tiles-head" }, t("of_night")),
    el("a", { href: "#deliveries", class: "tile plain" }, el("b", {}, count(EDITION.deliveries.length)), el("span", {}, t("tile.deliveries"))),
    el("a", { href: "#holds", class: `tile ${EDITION.holds.length ? "alarm" : "plain"}` }, el("b", {}, count(EDITION.holds.length)), el("span", {}, t("tile.holds"))));
}

const filters = () => ({ failed: by("failed").checked, severity: by("severity").value, text: by("search").value.trim().toLowerCase() });

function matches(group, rule, outcome, filter) {
  if (filter.failed && outcome !== "failed") return false;
  if (filter.severity && rule.severity !== filter.severity) return false;
  return !filter.text || [group.table, rule.rule, say(rule.why), say(rule.action)].some((text) => text.toLowerCase().includes(filter.text));
}

function failedText(rule) {
  if (rule.failed === null) return UNKNOWN;
  return rule.evaluated ? `${count(rule.failed)} (${share(rule.failed / rule.evaluated)})` : count(rule.failed);
}

function ruleRow(rule, outcome) {
  return {
    class: outcome === "failed" ? (rule.severity === "critical" ? "alarm" : "warn") : "",
    row: [
      el("span", { class: `badge ${outcome}` }, t(`ruled.${outcome}`)), el("code", {}, rule.rule), code("kind", rule.kind), code("severity", rule.severity), code("action", rule.action) || UNKNOWN,
      { text: count(rule.evaluated), class: "num" }, { text: failedText(rule), class: rule.failed ? "num notable" : "num" },
      rule.observed === null ? UNKNOWN : typeof rule.observed === "number" ? number(rule.observed) : String(rule.observed), say(rule.why),
    ],
  };
}

function drawRules() {
  const filter = filters();
  const heads = ["verdict", "rule", "kind", "severity", "action", "evaluated", "failed", "observed", "why"].map((key) => t(key));
  let [shown, all] = [0, 0];
  const groups = EDITION.tables.map((group) => {
    const rules = group.rules.map((rule, i) => [rule, group.outcomes[i]]);
    const kept = rules.filter(([rule, outcome]) => matches(group, rule, outcome, filter));
    [shown, all] = [shown + kept.length, all + rules.length];
    const filtered = filter.failed || filter.severity || filter.text;
    if (!kept.length && (filtered || rules.length)) return null;
    const bad = rules.filter(([, outcome]) => outcome === "failed").length;
    return el("details", { class: `group ${group.verdict}`, open: filtered || group.verdict !== "passed" },
      el("summary", {}, el("code", {}, group.table), el("span", { class: `badge v-${group.verdict}` }, t(`verdict.${group.verdict}`)),
        el("span", { class: "note" }, t("rules_failed", { n: rules.length, bad }), group.days.length ? ` · ${days(group.days)}` : "")),
      kept.length ? table(heads, kept.map(([rule, outcome]) => ruleRow(rule, outcome)), { class: "plain rules" }) : null);
  });
  by("rules").replaceChildren(...groups.filter(Boolean));
  by("shown").textContent = t("rules_shown", { shown, all });
}

function drawFilter() {
  const severities = [...new Set(EDITION.tables.flatMap((each) => each.rules.map((rule) => rule.severity)))].sort();
  options(by("severity"), [["", t("any")], ...severities.map((each) => [each, code("severity", each)])], by("severity").value);
}

function drawSteps() {
  if (!EDITION.steps.length) return body("steps", none("no_steps"));
  const rows = EDITION.steps.map((each) => ({
    class: each.outcome === "failed" ? "alarm" : "",
    row: [each.step, each.table ? el("code", {}, each.table) : UNKNOWN, { text: number(each.seconds, 1), class: "num" }, code("outcome", each.outcome)],
  }));
  return body("steps", short(["step", "table", "seconds", "outcome"].map((key) => t(key)), rows, 15));
}

["failed", "severity"].forEach((id) => by(id).addEventListener("change", drawRules));
by("search").addEventListener("input", drawRules);
[drawHead, drawVerdicts, drawFilter, drawRules].forEach(part);
part(() => drawSteps());
