"use strict";
// The picture: laid out by Graphviz in the page, with pan, zoom, hover and keys.

class Canvas {
  constructor(viz, place, callbacks) {
    this.viz = viz;
    this.place = place;
    this.callbacks = callbacks;
    this.zoomer = null;
    this.nodes = new Map();
    this.tip = document.getElementById("tip");
  }

  draw(model, direction, colors, keep) {
    const before = keep && this.zoomer ? this.where(keep) : null;
    const zoom = this.zoomer ? this.zoomer.getZoom() : null;
    const dot = model.dot(direction).replace(/#fe[0-9a-f]{4}/g, (token) => colors[token] || token);
    const svg = this.viz.renderSVGElement(dot);
    if (this.zoomer) this.zoomer.destroy();
    this.place.replaceChildren(svg);
    this.adopt(svg, model);
    this.zoomer = svgPanZoom(svg, {
      minZoom: 0.2, maxZoom: 40, zoomScaleSensitivity: 0.25, dblClickZoomEnabled: false,
    });
    if (before) this.hold(keep, before, zoom);
  }

  adopt(svg, model) {
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.style.overflow = "hidden"; // else svg-pan-zoom would, as an attribute: the policy
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", `Drawing of ${model.data.name}`);
    this.nodes.clear();
    for (const group of svg.querySelectorAll("g.node, g.cluster")) {
      const title = group.querySelector("title");
      const id = title.textContent.replace(/^cluster:/, "");
      title.remove();
      const item = model.items.get(id);
      if (item) this.bind(group, item, model.isBlock(id));
    }
    for (const title of svg.querySelectorAll("g.edge > title, g.graph > title")) title.remove();
    for (const link of svg.querySelectorAll("a")) {
      for (const name of ["href", "xlink:href", "xlink:title"]) link.removeAttribute(name);
    }
  }

  bind(group, item, isBlock) {
    this.nodes.set(item.id, group);
    group.dataset.id = item.id;
    group.classList.toggle("block", isBlock);
    if (item.kind === "fork") return;
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", item.label);
    group.addEventListener("mousemove", (event) => this.hover(event, item));
    group.addEventListener("mouseleave", () => { this.tip.hidden = true; });
    let at = null;
    group.addEventListener("mousedown", (event) => { at = [event.clientX, event.clientY]; });
    group.addEventListener("click", (event) => {
      event.stopPropagation();
      const moved = at && Math.hypot(event.clientX - at[0], event.clientY - at[1]) > 4;
      if (!moved && !String(window.getSelection())) this.callbacks.click(item);
    });
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      this.callbacks.click(item);
    });
  }

  hover(event, item) {
    event.stopPropagation();
    this.tip.textContent = item.tip;
    this.tip.hidden = false;
    const box = this.tip.getBoundingClientRect();
    const left = Math.min(event.clientX + 14, window.innerWidth - box.width - 8);
    const top = Math.min(event.clientY + 14, window.innerHeight - box.height - 8);
    this.tip.style.left = `${Math.max(left, 4)}px`;
    this.tip.style.top = `${Math.max(top, 4)}px`;
  }

  where(id) {
    const group = this.nodes.get(id);
    if (!group) return null;
    const box = group.getBoundingClientRect();
    return { x: box.x + box.width / 2, y: box.y, scale: this.zoomer.getSizes().realZoom };
  }

  // Keep an item where it was on the screen, at the same size, after a new layout.
  hold(id, before) {
    this.zoomer.zoomBy(before.scale / this.zoomer.getSizes().realZoom);
    this.settle(() => {
      const after = this.where(id);
      if (after) this.zoomer.panBy({ x: before.x - after.x, y: before.y - after.y });
    });
  }

  // The zoomer moves the picture in the next frame; what measures it comes after.
  settle(measure) { requestAnimationFrame(measure); }

  center(id) {
    const group = this.nodes.get(id);
    if (!group) return;
    const size = this.zoomer.getSizes().realZoom;
    if (size < 0.9) this.zoomer.zoomBy(1 / size);
    this.settle(() => {
      const [box, frame] = [group, this.place].map((part) => part.getBoundingClientRect());
      this.zoomer.panBy({
        x: frame.x + frame.width / 2 - box.x - box.width / 2,
        y: frame.y + frame.height / 2 - box.y - Math.min(box.height / 2, frame.height / 3),
      });
    });
  }

  mark(className, ids) {
    for (const [id, group] of this.nodes) group.classList.toggle(className, ids.includes(id));
  }

  fit() { this.zoomer.resize(); this.zoomer.fit(); this.zoomer.center(); }
}
