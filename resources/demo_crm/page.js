// Shows customers and recorded calls, and adds what arrives. All text goes in as text, never as markup.
const byId = (id) => document.getElementById(id);
let customers = [];
let calls = [];
let shown = null;

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) {
    made.textContent = text;
    made.dir = "auto";
  }
  return made;
}

const nameOf = (id) => customers.find((customer) => customer.id === id)?.name ?? "";
const clock = (iso) => new Date(iso).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = (iso) => new Date(iso).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

function talked(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function callRow(call, fresh) {
  const row = element("li", fresh ? "fresh" : "");
  row.append(element("span", "outcome", call.disposition_label || call.disposition || "no code"));
  row.append(element("span", "when", clock(call.received_at)));
  const who = nameOf(call.customer_id) || call.number || "anonymous";
  row.append(element("span", "who", who));
  row.append(element("span", "number", `${call.direction} · ${talked(call.talk_s)}`));
  row.append(element("span", "detail", [call.campaign, call.queue].filter(Boolean).join(" · ")));
  if (call.notes) row.append(element("p", "note", call.notes));
  if (call.callback_at) {
    row.append(element("span", "callback", `call back ${day(call.callback_at)} ${call.callback_number || ""}`));
  }
  return row;
}

function addCall(call, fresh) {
  if (calls.some((known) => known.id === call.id)) return;
  calls.push(call);
  byId("calls").prepend(callRow(call, fresh));
  byId("call-count").textContent = String(calls.length);
  byId("no-calls").hidden = true;
}

function matches(customer, wanted) {
  const digits = wanted.replace(/\D/g, "");
  const texts = [customer.name, customer.company, customer.reference].join(" ").toLowerCase();
  const numbers = customer.phones.map((phone) => phone.replace(/\D/g, "")).join(" ");
  return texts.includes(wanted.toLowerCase()) || (digits.length > 2 && numbers.includes(digits));
}

function listCustomers() {
  const wanted = byId("search").value.trim();
  const rows = customers.filter((customer) => !wanted || matches(customer, wanted)).map((customer) => {
    const row = element("li");
    const button = element("button");
    button.type = "button";
    button.setAttribute("aria-current", String(customer.id === shown));
    button.append(element("span", "country", customer.country));
    button.append(element("span", "person", customer.name));
    button.append(element("span", "number", customer.phones[0] ?? ""));
    button.addEventListener("click", () => open(customer.id, true));
    row.append(button);
    return row;
  });
  byId("customers").replaceChildren(...rows);
}

function open(id, remember) {
  const customer = customers.find((candidate) => candidate.id === id);
  shown = customer ? id : null;
  byId("record").hidden = !customer;
  if (remember) history.pushState({}, "", customer ? `/customers/${encodeURIComponent(id)}` : "/");
  listCustomers();
  if (customer) fill(customer);
}

function fill(customer) {
  byId("record-title").textContent = customer.name;
  byId("record-company").textContent = customer.company;
  const pairs = [
    ["Number", customer.reference], ["Telephone", customer.phones.join(", ")], ["E-mail", customer.email],
    ["Address", customer.address], ["Contract", customer.contract], ["Language", customer.language],
    ["Tags", customer.tags.join(", ")], ["Note", customer.note],
  ].filter(([, value]) => value);
  byId("record-fields").replaceChildren(
    ...pairs.flatMap(([label, value]) => [element("dt", "", label), element("dd", "", value)]),
  );
  const cases = customer.cases.filter((entry) => entry.open).map((entry) => element("li", "", entry.title));
  byId("record-cases").replaceChildren(...(cases.length ? cases : [element("li", "empty", "none")]));
  const lines = customer.contacts.map((contact) => {
    const line = element("li", "", contact.summary);
    line.append(element("span", "detail", ` ${contact.when}${contact.outcome ? ` · ${contact.outcome}` : ""}`));
    return line;
  });
  byId("record-contacts").replaceChildren(...(lines.length ? lines : [element("li", "empty", "none")]));
}

async function load() {
  const answer = await fetch("/page/state.json");
  const state = await answer.json();
  customers = state.customers;
  state.calls.forEach((call) => addCall(call, false));
  const wanted = decodeURIComponent(location.pathname.match(/^\/customers\/([^/]+)$/)?.[1] ?? "");
  open(wanted, false);
}

function live(on) {
  byId("connection").dataset.live = String(on);
  byId("connection").textContent = on ? "live" : "the demo has ended or cannot be reached";
}

function listen() {
  const events = new EventSource("/page/events");
  events.addEventListener("open", () => {
    live(true);
    load();
  });
  events.addEventListener("error", () => live(false));
  events.addEventListener("call", (message) => {
    addCall(JSON.parse(message.data), true);
    load();
  });
}

byId("search").addEventListener("input", listCustomers);
byId("close").addEventListener("click", () => open("", true));
addEventListener("popstate", () => load());
load().then(listen, () => live(false));
