"use strict";

// Everything works without this file; it adds keys, "all", and details that load when opened.

const cards = () => Array.from(document.querySelectorAll("[data-card]"));

function move(step) {
  const all = cards();
  const at = all.indexOf(document.activeElement.closest("[data-card]"));
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
  if (next) {
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function press(selector) {
  const card = document.activeElement.closest("[data-card]");
  const target = card && card.querySelector(selector);
  if (target) target.click();
}

function write() {
  const card = document.activeElement.closest("[data-card]");
  const field = card && card.querySelector("input[name=value]");
  if (field) field.focus();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => press("[data-ours]"),
  t: () => press("[data-theirs]"),
  x: () => press("[data-tick]"),
  v: write,
  "/": () => document.querySelector("[data-find]")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.activeElement.closest("[data-card]")?.focus();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

for (const all of document.querySelectorAll("[data-tick-all]")) {
  const group = all.closest("[data-group]") || document;
  const ticks = () => Array.from(group.querySelectorAll("[data-tick]"));
  all.addEventListener("change", () => ticks().forEach((tick) => { tick.checked = all.checked; }));
  group.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick]")) all.checked = ticks().every((tick) => tick.checked);
  });
}

// A reason belongs to giving up: Enter in its field must not replay.
for (const reason of document.querySelectorAll("[data-reason]")) {
  reason.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      reason.form.querySelector("[data-discard]").click();
    }
  });
}

for (const discard of document.querySelectorAll("[data-discard]")) {
  discard.addEventListener("click", (event) => {
    const reason = discard.form.querySelector("[data-reason]");
    reason.required = true;
    if (!reason.reportValidity()) event.preventDefault();
  });
}

for (const details of document.querySelectorAll("details[data-part]")) {
  details.addEventListener("toggle", async () => {
    const url = details.dataset.part;
    if (!details.open || !url) return;
    const answer = await fetch(url);
    if (!answer.ok || answer.redirected) return;
    details.querySelector("div").innerHTML = await answer.text();
    delete details.dataset.part;
  });
}

// Decisions reload the page: take up the work where it was left.
const KEPT = "card";
document.addEventListener("submit", (event) => {
  const card = event.target.closest("[data-card]");
  if (card) sessionStorage.setItem(KEPT, String(cards().indexOf(card)));
});
const kept = sessionStorage.getItem(KEPT);
if (kept !== null) {
  sessionStorage.removeItem(KEPT);
  const all = cards();
  all[Math.min(Number(kept), all.length - 1)]?.focus();
}
