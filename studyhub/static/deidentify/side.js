// The entities beside the text: who or what, under which other words, what stands for it in the whole study.
import { api, h, icon, plural } from "../shared/dom.js";
import * as M from "./model.js";

export class Side {
  /** desk: the workbench; address: where names are chosen. */
  constructor(desk, address) {
    Object.assign(this, { desk, address, shown: null });
    const find = { type: "search", ariaLabel: "Find an entity", placeholder: "Find", oninput: () => this.draw() };
    this.filter = h("input.wb-input", find);
    this.list = h("ul.di-side__list");
    this.detail = h("div");
    const one = h("section.wb-panel", {}, h("h2", {}, "This entity"), this.detail);
    const all = h("section.wb-panel", {}, h("h2", {}, "All entities"), this.filter, this.list);
    this.node = h("aside.di-side", { ariaLabel: "People, places and other things" }, one, all);
  }

  draw() {
    const { state } = this.desk;
    const groups = Map.groupBy(state.marks, (mark) => mark.entity);
    const shown = state.entities.get(this.shown ?? this.desk.mark()?.entity) ?? state.entities.get(this.desk.mark()?.entity);
    this.list.replaceChildren(...this.ordered(groups).map((entity) => this.row(entity, groups.get(entity.id), entity === shown)));
    if (shown && !this.detail.contains(document.activeElement)) this.show(shown, groups);
  }

  ordered(groups) {
    const word = this.filter.value.toLowerCase();
    const fits = (entity) => groups.has(entity.id) && (!word || entity.aliases.some((alias) => alias.toLowerCase().includes(word)));
    const waits = (entity) => groups.get(entity.id).some(M.isOpen);
    const all = [...this.desk.state.entities.values()].filter(fits);
    return all.sort((one, other) => waits(other) - waits(one) || groups.get(other.id).length - groups.get(one.id).length);
  }

  row(entity, marks, isShown) {
    const kind = M.KINDS[entity.category];
    const done = marks.filter((mark) => !M.isOpen(mark)).length;
    const open = () => {
      this.shown = entity.id;
      this.draw();
      this.detail.querySelector("input,button")?.focus();
    };
    const count = h("span.di-entity__n", {}, done === marks.length ? icon("check", "decided") : null, `${done}/${marks.length}`);
    const picture = h("span.di-kind", { class: `di-kind--${kind.hue}` }, icon(kind.shape, kind.name));
    const name = h("span.di-entity__name", {}, entity.name);
    return h("li", {}, h("button.di-entity", { type: "button", ariaCurrent: isShown ? "true" : null, onclick: open }, picture, name, count));
  }

  show(entity, groups) {
    const kind = M.KINDS[entity.category];
    const marks = groups.get(entity.id) ?? [];
    this.wrong = h("p.di-entity__wrong", { role: "alert" });
    const title = h("p.di-entity__title", {}, h("span.di-kind", { class: `di-kind--${kind.hue}` }, icon(kind.shape), kind.name), h("strong", {}, entity.name));
    const whole = () => this.desk.wholeEntity(entity.id);
    this.detail.replaceChildren(...[
      title,
      this.aliases(entity, marks),
      ...(entity.own ? [h("p.wb-hint", {}, "This is the participant. Their label is filled in at the release.")] : this.replacement(entity)),
      !entity.own && this.merge(entity, groups),
      marks.length > 1 && h("button.wb-btn.wb-btn--small", { type: "button", onclick: whole }, `All ${plural(marks.length, "mention")}`),
    ].filter(Boolean));
  }

  aliases(entity, marks) {
    const count = (alias) => marks.filter((mark) => M.surface(this.desk.state, mark) === alias).length;
    const off = (alias) => {
      const [next, id] = M.split(this.desk.state, entity.id, alias);
      this.shown = id;
      document.activeElement.blur();
      this.desk.change(next, `${alias} is now an entity of its own`, { move: false });
    };
    const button = (alias) => h("button.wb-btn.wb-btn--plain", { type: "button", ariaLabel: `Split off ${alias}`, onclick: () => off(alias) }, "Split off");
    const rows = entity.aliases.map((alias) => h("li", {}, `${alias} (${count(alias)})`, entity.aliases.length > 1 && button(alias)));
    return h("ul.di-aliases", {}, rows);
  }

  replacement(entity) {
    const bare = entity.replacement.replace(/[[\]]/g, "");
    const rename = (words) => this.choose({ id: entity.id, replacement: `[${words.replace(/[[\]]/g, "").trim()}]` });
    const input = h("input.wb-input", { id: "stands", value: bare, autocomplete: "off", onchange: () => rename(input.value) });
    const offers = entity.category === "PERSON" ? M.invented(this.desk.state, entity.aliases).slice(0, 4) : [];
    const buttons = offers.map((name) => h("button.wb-btn.wb-btn--small", { type: "button", onclick: () => rename(name) }, name));
    return [
      h("label.wb-label", { htmlFor: "stands" }, "Stands in every text as"),
      input,
      this.wrong,
      buttons.length > 0 && h("p.di-names", {}, buttons),
    ];
  }

  merge(entity, groups) {
    const { state } = this.desk;
    const fits = (other) => other.category === entity.category && other.id !== entity.id && groups.has(other.id);
    const others = [...state.entities.values()].filter(fits);
    if (!others.length) return null;
    const options = others.map((other) => h("option", { value: other.id }, other.name));
    const into = h("select.wb-input", { ariaLabel: `Same as, for ${entity.name}` }, h("option", { value: "" }, "Choose…"), options);
    const join = () => {
      if (!into.value) return;
      this.shown = into.value;
      this.choose({ id: entity.id, into: into.value });
    };
    const button = h("button.wb-btn.wb-btn--small", { type: "button", onclick: join }, "Merge");
    return h("div.di-entity__merge", {}, h("span.wb-label", {}, "Is the same as"), into, button);
  }

  /** Ask the server, which knows the names of the whole study. What was decided goes first. */
  async choose(wanted) {
    this.wrong.textContent = "";
    if (!(await this.desk.saving.flush())) {
      this.wrong.textContent = "Not saved yet. Try again when there is a connection.";
      return;
    }
    const answer = await api("POST", this.address, wanted);
    if (!answer.ok) {
      this.wrong.textContent = Object.values(answer.value.problems ?? {})[0] ?? "That could not be done now.";
      return;
    }
    document.activeElement.blur();
    this.desk.named(wanted, answer.value);
  }
}
