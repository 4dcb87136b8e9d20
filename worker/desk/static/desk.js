// The script of all pages. It writes text with textContent alone, and loads from this host alone.
"use strict";

(() => {
  const MOST_ROWS = 200;
  const MOST_WAITING = 200;
  const LOST_AFTER_MS = 4000;
  const AGAIN_MS = 5000;
  const PLACE = /^\d{1,9}\/\d{1,18}$/;
  const find = (id) => document.getElementById(id);

  // Times, in the reader's zone and language.
  const long = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const short = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

  function showTime(element) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    const isToday = moment.toDateString() === new Date().toDateString();
    element.textContent = (element.hasAttribute("data-short") && isToday ? short : long).format(moment);
    element.title = element.dateTime;
  }

  function showTimes(root) {
    for (const element of root.querySelectorAll("time[datetime]")) showTime(element);
  }

  // What is wrong, above everything else; nothing is said while all is well.
  const troubles = new Map();

  function tell(who, text) {
    if (text) troubles.set(who, text);
    else troubles.delete(who);
    const said = [...troubles.values()].join(" ");
    const bar = find("state");
    if (find("state-text").textContent !== said) find("state-text").textContent = said;
    bar.hidden = !said;
  }

  function tellState(state) {
    tell("stream", state.reads ? "" : state.why);
  }

  // A list to which the desk adds what comes, newest first. It is held while it is paused, or read by keyboard.
  // `one`, `many`: what comes, in words. `put`: puts one into the list. `events`: what to do on each kind of event.
  function following(list, { one, many, mostRows, put, events }) {
    const pause = find("pause");
    const waitingButton = find("waiting");
    const told = find("told");
    let isPaused = false;
    let source = null;
    let after = list.dataset.after;
    let waiting = [];
    let missed = 0;
    let arrived = 0;
    let lostTimer = 0;
    let frame = 0;

    const counted = (number) => (number === 1 ? "1 new " + one : number + " new " + many);

    function wait(item) {
      waiting.push(item);
      if (waiting.length > MOST_WAITING) {
        waiting.shift();
        missed += 1;
      }
      if (!frame) frame = requestAnimationFrame(flush);
    }

    function flush() {
      frame = 0;
      const isHeld = isPaused || list.contains(document.activeElement);
      if (!isHeld && waiting.length) {
        for (const item of waiting) put(item);
        arrived += waiting.length;
        waiting = [];
        while (list.children.length > mostRows) list.lastElementChild.remove();
        find("empty").hidden = true;
      }
      const more = waiting.length + missed;
      waitingButton.hidden = !more;
      waitingButton.textContent = "Show " + counted(more);
      if (!isHeld && missed) {
        told.textContent = missed + " " + many + " came too fast to be listed. Reload for the latest.";
      } else if (arrived && !more) {
        told.textContent = counted(arrived);
      }
    }

    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.setAttribute("aria-pressed", String(isPaused));
      pause.textContent = isPaused ? "Go on" : "Pause";
      told.textContent = isPaused ? "Paused; new " + many + " wait." : "";
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
      for (const [kind, act] of Object.entries(events)) {
        source.addEventListener(kind, (event) => {
          after = event.lastEventId || after;
          act(JSON.parse(event.data));
        });
      }
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
        // A refusal ends an EventSource for good; it comes back by hand.
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

    // A browser has six connections to a host: a page that nobody sees holds none.
    document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
    addEventListener("pagehide", disconnect);
    addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
    connect();

    return {
      wait,
      waiting: () => waiting,
      drop: (isGone) => {
        waiting = waiting.filter((item) => !isGone(item));
        flush();
      },
    };
  }

  // Live: rows are made of a template, and filled with text.
  function live(list) {
    function row(article) {
      const item = find("row").content.firstElementChild.cloneNode(true);
      item.dataset.place = article.place;
      const link = item.querySelector("a");
      link.href = "/articles/" + article.place;
      link.textContent = article.headline || "(no text)";
      item.querySelector("h2").classList.toggle("none", !article.has_headline);
      const time = item.querySelector("time");
      time.dateTime = article.at;
      showTime(time);
      item.querySelector(".source").textContent = article.source;
      item.querySelector(".language").textContent = article.language;
      const topics = item.querySelector(".topics");
      for (const { name, query } of article.topics) {
        const topic = document.createElement("a");
        topic.className = "topic";
        topic.href = "/?q=" + encodeURIComponent(query);
        topic.textContent = name;
        topics.append(topic, " ");
      }
      if (article.quotes) {
        item.querySelector(".quotes").textContent = article.quotes + (article.quotes === 1 ? " quote" : " quotes");
      }
      showStory(item, article.story);
      item.classList.add("new");
      return item;
    }

    function showStory(item, story) {
      const line = item.querySelector(".of-story");
      line.replaceChildren();
      line.hidden = !(story && story.articles > 1);
      if (line.hidden) return;
      const link = document.createElement("a");
      link.href = "/stories/" + encodeURIComponent(story.id);
      link.textContent = "Story of " + story.articles + " articles";
      const headline = document.createElement("bdi");
      headline.textContent = story.headline;
      line.append(link, " ", headline);
    }

    function rowAt(place) {
      return PLACE.test(place) ? list.querySelector('[data-place="' + place + '"]') : null;
    }

    const coming = following(list, {
      one: "article",
      many: "articles",
      mostRows: MOST_ROWS,
      put: (article) => {
        const old = rowAt(article.place);
        if (old) old.remove();
        list.prepend(row(article));
      },
      events: {
        article: (article) => { if (PLACE.test(article.place)) coming.wait(article); },
        story: (about) => {
          const item = rowAt(about.place);
          if (item) showStory(item, about.story);
          for (const article of coming.waiting()) if (article.place === about.place) article.story = about.story;
        },
        retracted: ({ place }) => {
          const item = rowAt(place);
          if (item) item.remove();
          coming.drop((article) => article.place === place);
        },
      },
    });
  }

  // Other pages: fetched again, and their part that changes is put in place of the old one.
  function refresh(main) {
    const seconds = Number(main.dataset.refresh);
    const pause = find("pause");
    let isPaused = false;
    if (pause) {
      pause.addEventListener("click", () => {
        isPaused = !isPaused;
        pause.setAttribute("aria-pressed", String(isPaused));
        pause.textContent = isPaused ? "Go on" : "Pause";
        find("updated").textContent = isPaused ? "Paused." : "Updated every " + seconds + " seconds.";
      });
    }

    async function again() {
      const fresh = find("fresh");
      const isBusy = fresh && (fresh.contains(document.activeElement) || !getSelection().isCollapsed);
      if (!isPaused && !document.hidden && !isBusy) {
        try {
          const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
          // Parsed, not run: scripts in a parsed document are dead, and the page's policy allows none.
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const part = page.getElementById("fresh");
          if (!fresh && answer.ok) {
            location.reload();
            return;
          }
          if (answer.ok && part && fresh) {
            const kept = document.adoptNode(part);
            showTimes(kept);
            for (const open of fresh.querySelectorAll("details[open][data-key]")) {
              const same = kept.querySelector('details[data-key="' + open.dataset.key + '"]');
              if (same) same.open = true;
            }
            fresh.replaceWith(kept);
            tell("desk", "");
            const state = page.getElementById("state-text");
            tell("stream", state ? state.textContent : "");
          } else if (fresh) {
            const said = page.querySelector(".trouble p");
            tell("desk", said ? said.textContent : "The desk does not answer. This page tries again by itself.");
          }
        } catch {
          tell("desk", "The desk does not answer. This page tries again by itself.");
        }
      }
      setTimeout(again, seconds * 1000);
    }
    setTimeout(again, seconds * 1000);
  }

  // An article: pointing at a quote, in the text or in the list, lights it with its speaker and cue, with lines.
  function article(text) {
    const lines = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    lines.setAttribute("class", "lines");
    lines.setAttribute("aria-hidden", "true");
    text.append(lines);

    function clear() {
      for (const lit of text.querySelectorAll(".lit")) lit.classList.remove("lit");
      lines.replaceChildren();
    }

    function firstBox(quote, kind) {
      const piece = text.querySelector("." + kind + '[data-quotes~="' + quote + '"]');
      return piece && piece.getClientRects()[0];
    }

    function light(quote) {
      clear();
      if (!/^\d+$/.test(quote)) return;
      for (const piece of text.querySelectorAll('[data-quotes~="' + quote + '"]')) piece.classList.add("lit");
      const words = firstBox(quote, "quote");
      const speaker = firstBox(quote, "speaker");
      if (!words || !speaker) return;
      const ground = text.getBoundingClientRect();
      const middle = (box) => [box.left + box.width / 2 - ground.left, box.bottom - ground.top];
      const [x1, y1] = middle(words);
      const [x2, y2] = middle(speaker);
      const low = Math.max(y1, y2) + 14;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", "M" + x1 + " " + y1 + "C" + x1 + " " + low + "," + x2 + " " + low + "," + x2 + " " + y2);
      lines.append(path);
    }

    function quoteOf(target) {
      const piece = target instanceof Element ? target.closest("[data-quotes], [data-quote]") : null;
      if (!piece) return "";
      return piece.dataset.quote || piece.dataset.quotes.split(" ").pop();
    }

    for (const kind of ["pointerover", "focusin"]) {
      document.addEventListener(kind, (event) => {
        const quote = quoteOf(event.target);
        if (quote) light(quote);
        else clear();
      });
    }
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") clear(); });
  }

  // What the scripts of single pages take from here.
  globalThis.desk = { following, showTimes };

  // Quotes by day: the page comes with days of UTC, and gets those of the reader's zone.
  function byDay(part) {
    const days = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
    const lists = new Map();
    for (const item of part.querySelectorAll("li[data-at]")) {
      const moment = new Date(item.dataset.at);
      const day = Number.isNaN(moment.getTime()) ? "" : days.format(moment);
      if (!lists.has(day)) lists.set(day, []);
      lists.get(day).push(item);
    }
    const parts = [...lists].flatMap(([day, items]) => {
      const title = document.createElement("h3");
      title.textContent = day;
      const list = document.createElement("ul");
      list.className = "plain";
      list.append(...items);
      return [title, list];
    });
    part.replaceChildren(...parts);
  }

  showTimes(document);
  for (const part of document.querySelectorAll(".by-day")) byDay(part);
  const state = find("state-text");
  if (state.textContent) troubles.set("stream", state.textContent);
  for (const part of document.querySelectorAll("[data-needs-script]")) part.removeAttribute("data-needs-script");
  if (find("articles")) live(find("articles"));
  const main = find("main");
  if (main.dataset.refresh) refresh(main);
  if (find("text")) article(find("text"));
})();
