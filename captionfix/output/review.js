"use strict";
const all = [...document.querySelectorAll("article")];
const again = JSON.parse(document.getElementById("again").textContent);
const form = document.getElementById("filter"), count = document.getElementById("count");
const decisions = new Map();
const saved = "captionfix:" + all.length + ":" + (all[0]?.id ?? "");
let shown = all, at = -1;

function stored() {
  try { return JSON.parse(localStorage.getItem(saved)) ?? []; } catch { return []; }
}

function store() {
  try { localStorage.setItem(saved, JSON.stringify([...decisions])); } catch { /* a private window keeps nothing */ }
}

function decision(article) { return decisions.get(article.dataset.key) ?? ""; }

function paint(article) {
  const made = decision(article);
  article.dataset.decision = made || "open";
  for (const button of article.querySelectorAll("[data-do]"))
    button.setAttribute("aria-pressed", String(button.dataset.do === made));
}

function decide(article, what) {
  const key = article.dataset.key;
  if (!what || decisions.get(key) === what) decisions.delete(key); else decisions.set(key, what);
  for (const each of all) if (each.dataset.key === key) paint(each);
  store();
  tell();
}

function tell() {
  const made = [...decisions.values()], accepted = made.filter(each => each === "accept").length;
  count.textContent = `${shown.length.toLocaleString("en")} of ${all.length.toLocaleString("en")} shown; ` +
    `${accepted} accepted, ${made.length - accepted} rejected`;
}

function choose() {
  const wanted = Object.fromEntries(new FormData(form));
  const text = wanted.text.toLocaleLowerCase();
  const here = shown[at];
  shown = all.filter(article => {
    const data = article.dataset;
    const fits = (!wanted.rule || data.rule === wanted.rule) && (!wanted.safety || data.safety === wanted.safety) &&
      (!wanted.decision || data.decision === wanted.decision) &&
      (!text || article.textContent.toLocaleLowerCase().includes(text));
    article.hidden = !fits;
    return fits;
  });
  at = shown.indexOf(here);
  tell();
}

function go(step) {
  if (!shown.length) return;
  at = Math.min(Math.max(at + step, 0), shown.length - 1);
  shown[at].scrollIntoView({block: "nearest"});
  shown[at].focus();
}

function help() {
  const box = document.getElementById("help"), button = document.getElementById("help-button");
  box.hidden = !box.hidden;
  button.setAttribute("aria-expanded", String(!box.hidden));
}

function chosen() {
  const found = {tool: "captionfix", schema: 1, accept: [], reject: []};
  for (const [key, what] of [...decisions].sort()) found[what].push(key);
  return JSON.stringify(found, null, 2) + "\n";
}

function save() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([chosen()], {type: "application/json"}));
  link.download = "decisions.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function apply(button) {
  button.disabled = true;
  count.textContent = "Applying …";
  try {
    const answer = await fetch(location.pathname, {method: "POST", body: chosen(),
      headers: {"Content-Type": "application/json"}});
    count.textContent = await answer.text();
    document.body.classList.toggle("done", answer.ok);
    button.disabled = answer.ok;
  } catch (error) {
    count.textContent = `Nothing was applied: ${error.message}. Is captionfix review still running?`;
    button.disabled = false;
  }
}

for (const [id, places] of Object.entries(again)) {
  const article = document.getElementById(id), list = document.createElement("ul");
  for (const place of places) list.append(Object.assign(document.createElement("li"), {textContent: place}));
  const more = document.createElement("details"), head = document.createElement("summary");
  head.textContent = `This pair stands in ${(places.length + 1).toLocaleString("en")} places`;
  more.append(head, list);
  article.querySelector(".where").after(more);
}
for (const rule of [...new Set(all.map(article => article.dataset.rule))].sort())
  form.elements.rule.append(new Option(rule));
for (const [key, what] of stored()) decisions.set(key, what);
all.forEach(paint);
form.addEventListener("input", choose);
form.addEventListener("submit", event => event.preventDefault());
document.getElementById("save").addEventListener("click", save);
document.getElementById("help-button").addEventListener("click", help);
const button = document.getElementById("apply");
button.hidden = !location.protocol.startsWith("http");
button.addEventListener("click", () => apply(button));
document.querySelector("main").addEventListener("click", event => {
  const article = event.target.closest("article");
  if (article) at = shown.indexOf(article);
  const pressed = event.target.closest("[data-do]");
  if (pressed) decide(article, pressed.dataset.do);
});
document.addEventListener("focusin", event => {
  const article = event.target.closest("article");
  if (article) at = shown.indexOf(article);
});
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select")) return;
  const article = shown[at];
  if (event.key === "j") go(1);
  else if (event.key === "k") go(-1);
  else if (event.key === "?") help();
  else if (article && event.key === "a") decide(article, "accept");
  else if (article && event.key === "r") decide(article, "reject");
  else if (article && event.key === "u") decide(article, "");
  else return;
  event.preventDefault();
});
choose();
