/* accounts/_work.html: has the browser do a small sum before a form asks for one more code. Where it cannot be done the
   form is sent without it, and the hall says until when to wait. */
"use strict";

function solve(field) {
  return new Promise((resolve) => {
    if (!window.Worker || !window.crypto?.subtle) {
      resolve("");
      return;
    }
    const solver = new Worker(field.dataset.solver);
    solver.addEventListener("message", (event) => {
      solver.terminate();
      resolve(event.data);
    });
    solver.addEventListener("error", () => resolve(""));
    solver.postMessage(JSON.parse(field.dataset.work));
  });
}

function prepareWork(field) {
  const form = field.form;
  const wait = form.querySelector("[data-work-wait]");
  let done = false;
  const solved = solve(field).then((answer) => {
    field.value = answer;
    done = true;
    wait.hidden = true;
  });

  /* Whoever is quicker than the sum waits for it. */
  form.addEventListener("submit", (event) => {
    if (done) return;
    event.preventDefault();
    if (!wait.hidden) return;
    wait.hidden = false;
    const pressed = event.submitter;
    solved.then(() => form.requestSubmit(pressed));
  });

  if ("workGoesOn" in field.dataset) {
    document.querySelector(".error-summary")?.setAttribute("hidden", "");
    wait.hidden = false;
    solved.then(() => {
      if (field.value) form.requestSubmit();
      else document.querySelector(".error-summary")?.removeAttribute("hidden");
    });
  }
}

document.addEventListener("DOMContentLoaded", () => {
  for (const field of document.querySelectorAll("[data-work]")) prepareWork(field);
});
