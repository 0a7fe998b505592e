/* Makes forms smoother where script runs; every journey also works without this file. */
"use strict";

document.documentElement.classList.add("js");

/* A form is sent once: the second tap of a double tap is swallowed. Coming back to the page arms it again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

/* components/_resend.html: counts down to when the next code may be asked for */
function countDown(button) {
  const words = button.textContent;
  const readyAt = Date.now() + Number(button.dataset.resendSeconds) * 1000;
  button.disabled = true;
  const tick = () => {
    const left = Math.ceil((readyAt - Date.now()) / 1000);
    if (left > 0) {
      button.textContent = button.dataset.resendWait.replace("{seconds}", String(left));
      return;
    }
    clearInterval(timer);
    button.textContent = words;
    button.disabled = false;
  };
  const timer = setInterval(tick, 500);
  tick();
}

/* components/_session_warning.html: shown two minutes before the session ends, gone after any answer of the hall */
let sessionTimer = 0;

function armSessionWarning() {
  const warning = document.getElementById("session-warning");
  if (!warning) return;
  warning.hidden = true;
  clearTimeout(sessionTimer);
  sessionTimer = setTimeout(() => {
    warning.hidden = false;
  }, (Number(warning.dataset.sessionSeconds) - 120) * 1000);
}

/* A form that was refused lies under its own address: going back or reloading shows the form, and asks nobody to send it again */
function forgetTheForm() {
  if (document.querySelector(".error-summary")) history.replaceState(history.state, "", location.href);
}

function prepare(root) {
  for (const button of root.querySelectorAll("[data-resend-seconds]:not([disabled])")) countDown(button);
}

document.addEventListener("DOMContentLoaded", () => {
  prepare(document);
  forgetTheForm();
  armSessionWarning();
  document.body.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const reached = event.detail.successful;
    document.getElementById("connection-notice").hidden = reached;
    const polled = event.detail.requestConfig.headers["HX-Trigger-Name"] === "poll";
    if (reached && !polled) armSessionWarning();
  });
});

/* billing/recharge_card.html: digits are shown in fours while they are typed at the end; a correction is left alone */
document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches("[data-digits-in-fours]") || field.selectionStart !== field.value.length) return;
  field.value = field.value.normalize("NFKC").replace(/\D/g, "").replace(/(\d{4})(?=\d)/g, "$1 ");
});

document.addEventListener("click", (event) => {
  const target = event.target.closest("button, a, summary");
  if (target?.matches("[data-print]")) window.print();
  if (target?.matches("[data-dial]")) {
    const number = target.closest("form").querySelector("input[name=number]");
    number.value += target.dataset.dial;
  }
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (location.hash === "#handset") location.hash = "dock-closed";
});

/* A page is ready for when there is no network; see templates/portal/service_worker.js */
if ("serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register("/service-worker.js").catch(() => {}));
}
