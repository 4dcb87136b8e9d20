// Alerts as they come, and what a query matches while it is typed. Rows and results are made by the desk: they
// are parsed, not run, and put into the page as they are.
"use strict";

(() => {
  const { showTimes, tell, tellState } = globalThis.desk;
  const MOST_ROWS = 100;
  const MOST_WAITING = 100;
  const LOST_AFTER_MS = 4000;
  const AGAIN_MS = 5000;
  const TYPED_MS = 500;
  const find = (id) => document.getElementById(id);

  // Scripts in a parsed document are dead, and the page's policy allows none.
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  function alerts(list) {
    const pause = find("pause");
    const waitingButton = find("waiting");
    const told = find("told");
    let isPaused = false;
    let source = null;
    let after = list.dataset.after;
    let waiting = [];
    let missed = 0;
    let lostTimer = 0;

    function flush() {
      const isHeld = isPaused || list.contains(document.activeElement);
      if (!isHeld && waiting.length) {
        for (const html of waiting) {
          const item = parsed(html).querySelector("li");
          if (!item) continue;
          const row = document.adoptNode(item);
          row.classList.add("new");
          showTimes(row);
          list.prepend(row);
        }
        told.textContent = waiting.length === 1 ? "1 new alert" : waiting.length + " new alerts";
        waiting = [];
        while (list.children.length > MOST_ROWS) list.lastElementChild.remove();
        find("empty").hidden = true;
      }
      const more = waiting.length + missed;
      waitingButton.hidden = !more;
      waitingButton.textContent = more === 1 ? "Show 1 new alert" : "Show " + more + " new alerts";
      if (!isHeld && missed) told.textContent = missed + " alerts came too fast to be listed. Reload for the latest.";
    }

    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      pause.textContent = isPaused ? "Go on" : "Pause";
      told.textContent = isPaused ? "Paused; new alerts wait." : "";
      flush();
    });
    waitingButton.addEventListener("click", () => {
      const wasPaused = isPaused;
      isPaused = false;
      missed = 0;
      pause.focus();
      flush();
      isPaused = wasPaused;
    });
    list.addEventListener("focusout", () => setTimeout(flush, 0));

    function connect() {
      if (source) return;
      source = new EventSource(list.dataset.stream + "&after=" + encodeURIComponent(after));
      source.addEventListener("open", () => {
        clearTimeout(lostTimer);
        lostTimer = 0;
        tell("desk", "");
      });
      source.addEventListener("alert", (event) => {
        after = event.lastEventId || after;
        waiting.push(JSON.parse(event.data).html);
        if (waiting.length > MOST_WAITING) {
          waiting.shift();
          missed += 1;
        }
        requestAnimationFrame(flush);
      });
      source.addEventListener("state", (event) => tellState(JSON.parse(event.data)));
      source.addEventListener("missed", (event) => {
        missed += JSON.parse(event.data).events;
        flush();
      });
      source.addEventListener("restarted", () => {
        after = "";
        told.textContent = "The desk was away; reload for what came meanwhile.";
      });
      source.addEventListener("error", () => {
        if (!lostTimer) {
          lostTimer = setTimeout(
            () => tell("desk", "The desk does not answer. This page tries again by itself."), LOST_AFTER_MS);
        }
        if (source && source.readyState === EventSource.CLOSED) {
          disconnect();
          setTimeout(() => { if (!document.hidden) connect(); }, AGAIN_MS);
        }
      });
    }

    function disconnect() {
      if (source) source.close();
      source = null;
    }

    document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
    addEventListener("pagehide", disconnect);
    addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
    connect();
  }

  // The form of a rule: a while after the last letter the desk is asked what the query would match.
  function rule(form) {
    const query = form.elements.namedItem("when");
    const cooldown = form.elements.namedItem("cooldown");
    let timer = 0;
    let asked = null;

    async function ask() {
      if (asked) asked.abort();
      const asking = asked = new AbortController();
      if (!query.value.trim()) {
        find("trying").textContent = "";
        return;
      }
      find("trying").textContent = "Trying …";
      try {
        const answer = await fetch(form.dataset.try, {
          method: "POST", body: new URLSearchParams(new FormData(form)), signal: asking.signal, cache: "no-store",
        });
        const page = parsed(await answer.text());
        if (asking !== asked) return;
        const result = page.getElementById("tried");
        if (!answer.ok || !result) {
          const said = page.querySelector(".trouble p");
          find("trying").textContent = said ? said.textContent : "The desk does not answer.";
          return;
        }
        for (const id of ["tried", "when-told"]) {
          const part = document.adoptNode(page.getElementById(id));
          showTimes(part);
          find(id).replaceWith(part);
        }
        const isWrong = page.getElementById("when").hasAttribute("aria-invalid");
        query.toggleAttribute("aria-invalid", isWrong);
        const matched = find("tried-told");
        find("trying").textContent = matched ? matched.textContent.split(".")[0] + "." : "";
      } catch (error) {
        if (error.name !== "AbortError") find("trying").textContent = "The desk does not answer.";
      }
    }

    for (const field of [query, cooldown]) {
      field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, TYPED_MS);
      });
    }
    if (query.value.trim() && !find("tried").textContent.trim()) timer = setTimeout(ask, 0);
  }

  if (find("alerts")) alerts(find("alerts"));
  if (find("rule-form")) rule(find("rule-form"));
})();
