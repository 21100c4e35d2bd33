"use strict";
// Puts the page together: the model, the canvas, the panel, the tools and the keys.

class App {
  constructor(viz, data) {
    this.panel = new Panel();
    this.canvas = new Canvas(viz, document.getElementById("drawing"), {
      click: (item) => this.click(item),
    });
    this.theme = data.theme === "auto" ? App.preferred() : data.theme;
    this.direction = data.direction;
    this.selected = null;
    this.hits = [];
    this.hit = -1;
    this.load(data);
    this.tools();
    this.keys();
    window.addEventListener("resize", () => this.canvas.fit());
    window.addEventListener("beforeprint", () => this.canvas.fit());
  }

  static preferred() {
    return window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }

  load(data, keep = []) {
    this.data = data;
    this.model = new Model(data);
    for (const id of keep) if (this.model.isBlock(id)) this.model.open.add(id);
    document.getElementById("title").textContent = data.title;
    document.getElementById("facts").textContent = data.facts;
    this.redraw();
    this.panel.show(data, this.model.items.get(this.selected) || null);
  }

  redraw(keep) {
    document.documentElement.dataset.theme = this.theme;
    const colors = this.data.colors[this.theme];
    this.legend(colors);
    this.canvas.draw(this.model, this.direction, colors, keep);
    this.mark();
  }

  legend(colors) {
    const place = document.getElementById("legend");
    place.replaceChildren();
    for (const [word, fill] of this.data.legend) {
      const made = element("span", word, place);
      made.style.background = colors[fill] || fill;
      if (!colors[fill]) made.style.color = "#1b1f24"; // a tint, the same in any theme
    }
  }

  mark() {
    this.canvas.mark("selected", [this.selected]);
    this.canvas.mark("hit", this.hits.map((id) => this.model.shown(id)));
  }

  click(item) {
    this.selected = item.id;
    this.panel.show(this.data, item);
    if (this.model.isBlock(item.id)) {
      this.model.toggle(item.id);
      this.redraw(item.id);
      const again = this.canvas.nodes.get(item.id);
      if (again) again.focus({ preventScroll: true });
    }
    this.mark();
  }

  all(open) {
    this.model.open = new Set(open ? this.model.children.keys() : []);
    this.model.open.delete("");
    this.redraw();
  }

  reset() {
    this.model.open = new Set(this.data.open);
    this.selected = null;
    this.redraw();
    this.panel.show(this.data, null);
  }

  search(text) {
    const wanted = text.trim().toLowerCase();
    this.hits = wanted
      ? this.data.items.filter((item) => item.find.includes(wanted)).map((item) => item.id)
      : [];
    this.hit = -1;
    this.tell();
    this.mark();
  }

  next(step) {
    if (!this.hits.length) return;
    this.hit = (this.hit + step + this.hits.length) % this.hits.length;
    const id = this.hits[this.hit];
    this.model.reveal(id);
    this.selected = id;
    this.redraw();
    this.panel.show(this.data, this.model.items.get(id));
    this.canvas.center(id);
    this.tell();
  }

  tell() {
    const typed = document.getElementById("search").value.trim();
    const place = this.hit >= 0 ? `${this.hit + 1} of ` : "";
    const words = typed ? `${place}${this.hits.length}` : "";
    document.getElementById("found").textContent = words;
  }

  flip() {
    this.theme = this.theme === "dark" ? "light" : "dark";
    this.redraw(this.selected);
  }

  turn() {
    this.direction = this.direction === "TB" ? "LR" : "TB";
    this.redraw();
  }

  tools() {
    const zoom = (factor) => this.canvas.zoomer.zoomBy(factor);
    const actions = {
      unfold: () => this.all(true), fold: () => this.all(false), reset: () => this.reset(),
      in: () => zoom(1.3), out: () => zoom(1 / 1.3), fit: () => this.canvas.fit(),
      turn: () => this.turn(), theme: () => this.flip(),
    };
    for (const [id, action] of Object.entries(actions)) {
      document.getElementById(id).addEventListener("click", action);
    }
    const search = document.getElementById("search");
    search.addEventListener("input", () => this.search(search.value));
    search.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") this.next(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") { search.value = ""; this.search(""); search.blur(); }
    });
  }

  keys() {
    const press = (id) => () => document.getElementById(id).click();
    const pan = (x, y) => () => this.canvas.zoomer.panBy({ x, y });
    const keys = {
      "/": () => document.getElementById("search").focus(), e: press("unfold"),
      c: press("fold"), r: press("reset"), "+": press("in"), "=": press("in"),
      "-": press("out"), 0: press("fit"), d: press("turn"), t: press("theme"),
      ArrowUp: pan(0, 60), ArrowDown: pan(0, -60), ArrowLeft: pan(60, 0), ArrowRight: pan(-60, 0),
    };
    document.addEventListener("keydown", (event) => {
      const typing = ["INPUT", "PRE"].includes(event.target.tagName);
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      const action = keys[event.key];
      if (action) { event.preventDefault(); action(); }
    });
  }

  // What the server of `netspec view` sends: a new drawing, or what is wrong.
  receive(message) {
    const errors = document.getElementById("errors");
    errors.hidden = !message.errors;
    errors.textContent = message.errors || "";
    if (message.model) this.load(message.model, [...this.model.open]);
    if (message.errors && message.source) {
      const { file, text, lines } = message.source;
      this.panel.source({ [file]: text }, { file, line: 0 }, lines);
    }
  }
}

function start() {
  const data = JSON.parse(document.getElementById("model").textContent);
  Viz.instance().then((viz) => {
    window.netspec = new App(viz, data);
    if (data.live) listen(window.netspec);
    document.body.dataset.ready = "true";
  });
}

function listen(app) {
  document.body.classList.add("live");
  app.canvas.fit();
  const events = new EventSource(app.data.live);
  events.onmessage = (event) => app.receive(JSON.parse(event.data));
}

start();
