/** <lawlab-attendance>: activities and who was there, for trainers; the address names which page. */
import { ActivityPage } from "./attendance-activity.js";
import { ImportList, PrintSheet } from "./attendance-files.js";
import { ActivityForm } from "./attendance-form.js";
import { ActivityList } from "./attendance-list.js";
import { PersonRecord, UnitRecord, YearSheet } from "./attendance-records.js";
import { SignScreen } from "./attendance-sign.js";
import { SignatureRound } from "./attendance-signature.js";
import { AnnualReport } from "./desk-report.js";
import { deskNav } from "./desk.js";
import { h, here, show } from "./dom.js";

const VIEWS = {
  new: ActivityForm, edit: ActivityForm, activity: ActivityPage, sign: SignScreen, signature: SignatureRound,
  sheet: PrintSheet, import: ImportList, year: YearSheet, person: PersonRecord, unit: UnitRecord,
  report: AnnualReport,
};

class Attendance extends HTMLElement {
  connectedCallback() {
    if (this.body) return;
    this.body = h("div", null);
    const [view, name] = here().rest;
    show(this, h("div", { class: "desk-page" }, deskNav("attendance"), this.body));
    const View = Object.hasOwn(VIEWS, view || "") ? VIEWS[view] : ActivityList;
    new View(this.body, name);
  }
}

customElements.define("lawlab-attendance", Attendance);
