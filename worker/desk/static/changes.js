// Alerts as they come, and what a query matches while it is typed. Rows and results are made by the desk: they
// are parsed, not run, and put into the page as they are.
"use strict";

(() => {
  const { following, showTimes } = globalThis.desk;
  const MOST_ROWS = 100;
  const TYPED_MS = 500;
  const find = (id) => document.getElementById(id);

  // Scripts in a parsed document are dead, and the page's policy allows none.
  const parsed = (html) => new DOMParser().parseFromString(html, "text/html");

  function alerts(list) {
    const coming = following(list, {
      one: "alert",
      many: "alerts",
      mostRows: MOST_ROWS,
      put: (html) => {
        const item = parsed(html).querySelector("li");
        if (!item) return;
        const row = document.adoptNode(item);
        row.classList.add("new");
        showTimes(row);
        list.prepend(row);
      },
      events: { alert: ({ html }) => coming.wait(html) },
    });
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
