// What the pages cannot do by themselves: one tab stop for all marks, the reason beside the text without a
// new page, dropped folders, and saying so when the server is gone. Every screen works without this file.
"use strict";

document.documentElement.classList.add("script");

const later = (wait) => {
  let timer;
  return (work) => { clearTimeout(timer); timer = setTimeout(work, wait); };
};

// Marks and the numbers of shared passages: Tab enters the text at one of them, arrow keys go on from there.

const STOPS = "a.mark, a.passage-number";

function oneTabStop(root) {
  for (const stop of root.querySelectorAll(".text a")) if (stop.matches(STOPS)) stop.tabIndex = -1;
  for (const text of document.querySelectorAll(".text")) {
    const stop = text.querySelector("a.mark[aria-current]") ?? text.querySelector("a.mark");
    if (stop && !text.querySelector('a[tabindex="0"]')) stop.tabIndex = 0;
  }
}

const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

document.addEventListener("keydown", (event) => {
  const mark = event.target.closest?.(".text")?.contains(event.target) && event.target.closest(STOPS);
  if (!mark || event.altKey || event.ctrlKey || event.metaKey) return;
  const marks = [...mark.closest(".text").querySelectorAll(STOPS)];
  const at = marks.indexOf(mark);
  const to = { Home: marks[0], End: marks.at(-1) }[event.key] ?? (event.key in STEPS ? marks[at + STEPS[event.key]] : null);
  if (!to) return;
  event.preventDefault();
  to.focus();
});

const settle = later(150);

document.addEventListener("focusin", (event) => {
  const mark = event.target.closest?.(".text") && event.target.closest(STOPS);
  if (!mark) return;
  mark.closest(".text").querySelector('a[tabindex="0"]')?.setAttribute("tabindex", "-1");
  mark.tabIndex = 0;
  if (mark.matches("a.mark")) settle(() => showReason(mark));
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const mark = event.target.closest("a.mark");
  if (mark) {
    event.preventDefault();
    if (getSelection().isCollapsed) showReason(mark);
    return;
  }
  // A band of the strip whose part is already here jumps there instead of loading it again.
  const band = event.target.closest(".strip a");
  const there = band && document.getElementById(band.getAttribute("href").split("#")[1]);
  if (there) {
    event.preventDefault();
    there.scrollIntoView({ block: "start" });
    there.focus({ preventScroll: true });
  }
});

function showReason(mark) {
  const href = mark.getAttribute("href");
  if (mark.hasAttribute("aria-current")) return;
  for (const old of document.querySelectorAll("a.mark[aria-current]")) old.removeAttribute("aria-current");
  for (const piece of document.querySelectorAll(`a.mark[href="${CSS.escape(href)}"]`)) piece.setAttribute("aria-current", "true");
  const into = { source: "#reason", target: "#reason", swap: "outerHTML" };
  const form = document.getElementById("paste");
  const address = mark.href.split("#")[0];
  const asked = form // a pasted page is kept nowhere: it is sent again with the question
    ? htmx.ajax("POST", form.action, { ...into, values: { ...Object.fromEntries(new FormData(form)), why: href.slice("#why-".length) } })
    : htmx.ajax("GET", address, into).then(() => history.replaceState(history.state, "", address));
  // On a small screen the reason comes up over the text: as soon as htmx has settled, which takes it 20 ms.
  asked.then(() => setTimeout(() => mark.scrollIntoView({ block: "nearest" }), 40));
}

document.addEventListener("htmx:load", (event) => oneTabStop(event.target));
oneTabStop(document);

// Two pages side by side: n and p go from passage to passage, and so do the two buttons.

function stepPassage(step, focus) {
  const rows = [...document.querySelectorAll(".pair section.both")];
  const here = rows.indexOf(document.querySelector(".pair section.here"));
  const to = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
  for (const row of rows) row.classList.toggle("here", row === to);
  document.getElementById("where").textContent = to.getAttribute("aria-label");
  if (focus) to.focus({ preventScroll: true });
  to.scrollIntoView({ block: "start" });
}

if (document.getElementById("steps")) {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const step = { n: 1, p: -1 }[event.key];
    if (step) stepPassage(step, true);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) stepPassage(Number(button.dataset.step), false);
  });
}

// Upload: a dropped folder becomes files of the form, and their places in it a list of names beside them.

async function* filesIn(entry, folder) {
  const name = folder + entry.name;
  if (entry.isFile) {
    yield [await new Promise((found, failed) => entry.file(found, failed)), name];
    return;
  }
  const reader = entry.createReader();
  for (;;) { // a reader gives a folder in batches, and an empty one at its end
    const batch = await new Promise((found, failed) => reader.readEntries(found, failed));
    if (!batch.length) return;
    for (const inner of batch) yield* filesIn(inner, name + "/");
  }
}

const upload = document.getElementById("upload");
if (upload) {
  const drop = upload.querySelector(".drop");
  const chosen = document.getElementById("chosen");
  const [files, folder] = upload.querySelectorAll("input[type=file]");
  const names = upload.elements.names;

  const tell = () => {
    const all = [...files.files, ...folder.files];
    const bytes = all.reduce((sum, file) => sum + file.size, 0);
    const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
    const over = bytes > Number(upload.dataset.mostBytes);
    chosen.textContent = all.length === 0 ? "" : `${all.length} ${all.length === 1 ? "file" : "files"}, ${size}.`
      + (over ? ` One upload takes ${upload.dataset.mostWords}: send them in smaller groups.` : "");
    return !over;
  };

  for (const input of [files, folder]) input.addEventListener("change", () => { names.value = ""; tell(); });
  upload.addEventListener("submit", (event) => { if (!tell()) event.preventDefault(); });
  for (const type of ["dragenter", "dragover"]) {
    drop.addEventListener(type, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", (event) => { if (!drop.contains(event.relatedTarget)) drop.classList.remove("over"); });
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const found = new DataTransfer();
    const places = [];
    for (const entry of entries) {
      for await (const [file, name] of filesIn(entry, "")) {
        found.items.add(file);
        places.push(name);
      }
    }
    folder.value = "";
    files.files = found.files;
    names.value = JSON.stringify(places);
    tell();
  });
}

// The message of a failed request stays until something succeeds.

const message = document.getElementById("message");
document.addEventListener("htmx:afterOnLoad", (event) => { if (event.detail.successful !== false && event.detail.xhr.status < 400) message.replaceChildren(); });
document.addEventListener("htmx:sendError", () => message.replaceChildren(document.getElementById("unreachable").content.cloneNode(true)));
