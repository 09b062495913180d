/* What pages do beyond plain HTML. Every page works without this file in its essentials.
   Baseline Chromium 86; no inline handlers (CSP). */
(function () {
  "use strict";

  var root = document.documentElement;

  var store = {
    get: function (key) { try { return localStorage.getItem(key); } catch (error) { return null; } },
    set: function (key, value) { try { localStorage.setItem(key, value); } catch (error) { /* private mode, full */ } },
    drop: function (key) { try { localStorage.removeItem(key); } catch (error) { /* private mode */ } },
    keys: function () { try { return Object.keys(localStorage); } catch (error) { return []; } }
  };

  function all(selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); }
  function element(tag, attributes, text) {
    var made = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (name) { made.setAttribute(name, attributes[name]); });
    if (text) { made.textContent = text; }
    return made;
  }
  function fire(target, type) { target.dispatchEvent(new Event(type, { bubbles: true })); }

  /* --- Large type (适老化) ------------------------------------------------------------------- */

  function applyLargeType(on) {
    root.classList.toggle("large", on);
    all("[data-large-type]").forEach(function (button) { button.setAttribute("aria-pressed", String(on)); });
  }

  /* --- Dialogs (native, with a plain fallback for old WebViews) ------------------------------- */

  var opener = null;
  function openDialog(dialog) {
    if (dialog.hasAttribute("open")) { return; }
    opener = document.activeElement;
    if (dialog.showModal) { dialog.classList.add("is-modal"); dialog.showModal(); return; }
    dialog.setAttribute("open", "");
    var first = dialog.querySelector("button, a, input, select, textarea");
    if (first) { first.focus(); }
  }
  function closeDialog(dialog) {
    if (dialog.close) { dialog.close(); } else { dialog.removeAttribute("open"); fire(dialog, "close"); }
    if (opener && document.contains(opener)) { opener.focus(); }
  }

  function confirmFirst(trigger, proceed) {
    var dialog = element("dialog", { "class": "dialog", "aria-label": "请确认" });
    var ticked = all('input[name="' + trigger.getAttribute("data-confirm-count") + '"]:checked', trigger.form || trigger).length;
    dialog.appendChild(element("p", {}, trigger.getAttribute("data-confirm").replace("{n}", ticked)));
    var buttons = element("div", { "class": "buttons" });
    var cancel = element("button", { type: "button", "class": "button button-secondary", autofocus: "" }, "取消");
    var confirm = element("button", { type: "button", "class": "button" }, trigger.getAttribute("data-confirm-label") || "确定");
    buttons.appendChild(cancel);
    buttons.appendChild(confirm);
    dialog.appendChild(buttons);
    document.body.appendChild(dialog);
    cancel.addEventListener("click", function () { closeDialog(dialog); });
    confirm.addEventListener("click", function () { closeDialog(dialog); proceed(); });
    dialog.addEventListener("close", function () { dialog.remove(); });
    openDialog(dialog);
  }

  function submitBy(form, button) {
    if (form.requestSubmit) { form.requestSubmit(button || undefined); return; }
    if (button && button.name) {
      form.appendChild(element("input", { type: "hidden", name: button.name, value: button.value }));
    }
    if (form.reportValidity()) { keepDraft(form); form.submit(); }
  }

  document.addEventListener("click", function (event) {
    var trigger = event.target.closest && event.target.closest("a[data-confirm], button[data-confirm]");
    if (!trigger || trigger.hasAttribute("hx-post") || trigger.hasAttribute("hx-get")) { return; }
    if (trigger.confirmed) { trigger.confirmed = false; return; }
    if (trigger.form && !trigger.form.noValidate && !trigger.formNoValidate && !trigger.form.reportValidity()) {
      event.preventDefault();
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    confirmFirst(trigger, function () {
      if (trigger.tagName === "A") { window.location.href = trigger.href; } else if (trigger.form) {
        trigger.form.confirmed = true;
        submitBy(trigger.form, trigger);
      } else { trigger.confirmed = true; trigger.click(); }
    });
  }, true);

  /* htmx asks through its own event, so that the same dialog serves hx-confirm. */
  document.addEventListener("htmx:confirm", function (event) {
    var question = event.detail.question || event.detail.elt.getAttribute("data-confirm");
    if (!question) { return; }
    event.preventDefault();
    event.detail.elt.setAttribute("data-confirm", question);
    confirmFirst(event.detail.elt, function () { event.detail.issueRequest(true); });
  });

  document.addEventListener("click", function (event) {
    var target = event.target.closest && event.target.closest(
      "[data-dialog], [data-dialog-close], [data-large-type], [data-copy], [data-print], [data-sidebar], [data-sidebar-close]," +
      " [data-formset-add], [data-formset-remove], [data-signature-clear], [data-draft-discard], [data-fill], [data-insert], [data-tick]"
    );
    if (!target) { closeMenus(event.target); return; }
    if (target.hasAttribute("data-dialog")) { openDialog(document.getElementById(target.getAttribute("data-dialog"))); }
    if (target.hasAttribute("data-dialog-close")) { closeDialog(target.closest("dialog")); }
    if (target.hasAttribute("data-large-type")) {
      var on = !root.classList.contains("large");
      store.set("large-type", on ? "1" : "0");
      applyLargeType(on);
    }
    if (target.hasAttribute("data-print")) { window.print(); }
    if (target.hasAttribute("data-copy")) { copy(target); }
    if (target.hasAttribute("data-sidebar")) { event.preventDefault(); toggleSidebar(true); }
    if (target.hasAttribute("data-sidebar-close")) { event.preventDefault(); toggleSidebar(false); }
    if (target.hasAttribute("data-formset-add")) { addRow(target.closest("[data-formset]"), true); }
    if (target.hasAttribute("data-formset-remove")) { removeRow(target.closest("[data-formset-row]")); }
    if (target.hasAttribute("data-signature-clear")) { clearSignature(target.getAttribute("data-signature-clear")); }
    if (target.hasAttribute("data-draft-discard")) { discardDraft(target.closest("form")); }
    if (target.hasAttribute("data-fill")) { fillField(target); }
    if (target.hasAttribute("data-insert")) { insertText(target); }
    if (target.hasAttribute("data-tick")) { tick(target); }
  });

  function copy(button) {
    var source = document.querySelector(button.getAttribute("data-copy"));
    var text = (source.value || source.textContent).trim();
    function done() {
      var before = button.innerHTML;
      button.textContent = "已复制";
      setTimeout(function () { button.innerHTML = before; }, 2000);
    }
    if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done); return; }
    var area = element("textarea", { "class": "sr-only" });
    area.value = text;
    document.body.appendChild(area);
    area.select();
    if (document.execCommand("copy")) { done(); }
    area.remove();
    button.focus();
  }

  /* --- Navigation ---------------------------------------------------------------------------- */

  function toggleSidebar(open) {
    var sidebar = document.getElementById("sidebar");
    var button = document.querySelector("[data-sidebar]");
    if (!sidebar) { return; }
    sidebar.classList.toggle("is-open", open);
    button.setAttribute("aria-expanded", String(open));
    var focused = open ? sidebar.querySelector("a") : button;
    if (focused) { focused.focus(); }
  }
  function closeMenus(except) {
    all("details[data-menu][open]").forEach(function (menu) { if (!menu.contains(except)) { menu.open = false; } });
    var sidebar = document.querySelector(".sidebar.is-open");
    if (sidebar && !sidebar.contains(except)) { toggleSidebar(false); }
  }
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    all("details[data-menu][open]").forEach(function (menu) { menu.open = false; menu.querySelector("summary").focus(); });
    if (document.querySelector(".sidebar.is-open")) { toggleSidebar(false); }
    all("dialog[open]:not(.is-modal)").forEach(closeDialog);
  });

  /* --- One click, one submission -------------------------------------------------------------- */

  function release(form) {
    delete form.dataset.sent;
    all(".is-busy", form).forEach(function (button) { button.classList.remove("is-busy"); button.removeAttribute("aria-disabled"); });
  }
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.hasAttribute("data-confirm") && !form.confirmed) {
      event.preventDefault();
      var by = event.submitter;
      confirmFirst(form, function () { form.confirmed = true; submitBy(form, by); });
      return;
    }
    form.confirmed = false;
    keepDraft(form);
    if (event.defaultPrevented || (form.getAttribute("method") || "get").toLowerCase() !== "post") { return; }
    if (form.hasAttribute("hx-post") || form.hasAttribute("data-no-lock")) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.hasAttribute("data-needs-network") && !form.reachable) { event.preventDefault(); reach(form, event.submitter); return; }
    form.reachable = false;
    form.dataset.sent = "1";
    all("button:not([type=button]), input[type=submit]", form).forEach(function (button) {
      button.classList.add("is-busy");
      button.setAttribute("aria-disabled", "true");
    });
    // A lost answer must not lock the form for ever; the server knows a repeated token.
    setTimeout(function () { release(form); }, 30000);
  });

  /* A form filled in at a firm, where the network comes and goes: without it nothing is sent and nothing is lost. */
  function reach(form, submitter) {
    if (form.reaching) { return; }
    form.reaching = true;
    fetch(location.href, { method: "HEAD", credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      form.reaching = false;
      if (answer.redirected) { tellUnsent(form, "登录已过期。已填的内容存在本机：请在新窗口登录，再回到这一页保存。"); return; }
      form.reachable = true;
      all("[data-unsent]").forEach(function (note) { note.remove(); });
      submitBy(form, submitter);
    }).catch(function () {
      form.reaching = false;
      tellUnsent(form, "网络不通，还没有保存。已填的文字存在本机，不会丢；有了网络再点一次“保存”，只会保存一次。");
    });
  }
  function tellUnsent(form, text) {
    all("[data-unsent]").forEach(function (note) { note.remove(); });
    var box = element("div", { "class": "alert alert-warning", role: "alert", tabindex: "-1", "data-unsent": "" });
    box.appendChild(element("div", {}, text));
    (form.querySelector(".button-bar") || form).insertAdjacentElement("beforebegin", box);
    box.focus();
  }

  window.addEventListener("pageshow", function () { all("form[data-sent]").forEach(release); });

  /* --- Drafts: what is typed survives an expired session, an error and a closed page ------------- */

  var DRAFT_DAYS = 7;
  function draftPrefix() { return "draft:" + (document.body.getAttribute("data-user") || "") + ":"; }
  function draftKey(form) { return draftPrefix() + form.getAttribute("data-draft"); }

  function draftFields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      if (!field.name || field.closest("[data-no-draft]") || field.hasAttribute("data-no-draft")) { return false; }
      if (field.type === "hidden") { return field.hasAttribute("data-draftable"); }
      return ["password", "file", "submit", "button", "reset", "fieldset"].indexOf(field.type) < 0;
    });
  }

  function keepDraft(form) {
    if (!form.hasAttribute || !form.hasAttribute("data-draft")) { return; }
    var values = {};
    draftFields(form).forEach(function (field) {
      if ((field.type === "checkbox" || field.type === "radio") && !field.checked) { return; }
      if (field.type === "select-multiple") {
        values[field.name] = all("option:checked", field).map(function (option) { return option.value; });
      } else if (field.value !== "") {
        (values[field.name] = values[field.name] || []).push(field.value);
      }
    });
    var rows = {};
    all("[data-formset]", form).forEach(function (set) { rows[set.getAttribute("data-formset")] = totalForms(set).value; });
    store.set(draftKey(form), JSON.stringify({ at: Date.now(), values: values, rows: rows }));
  }

  /* Only what the page leaves empty is filled in: what the server sends back always wins. */
  function restoreDraft(form) {
    var draft;
    try { draft = JSON.parse(store.get(draftKey(form))); } catch (error) { draft = null; }
    if (!draft || !draft.values) { return; }
    all("[data-formset]", form).forEach(function (set) {
      var wanted = Math.min(Number((draft.rows || {})[set.getAttribute("data-formset")]) || 0, 100);
      while (Number(totalForms(set).value) < wanted && addRow(set, false)) { /* one row each time */ }
    });
    var changed = false;
    var answered = {};
    draftFields(form).forEach(function (field) {
      if (field.type === "checkbox" || field.type === "radio") { answered[field.name] = answered[field.name] || field.checked; }
    });
    draftFields(form).forEach(function (field) {
      var kept = draft.values[field.name];
      if (!kept) { return; }
      if (field.type === "checkbox" || field.type === "radio") {
        if (!answered[field.name] && kept.indexOf(field.value) >= 0) { field.checked = true; changed = true; }
      } else if (field.type === "select-multiple") {
        all("option", field).forEach(function (option) { option.selected = option.selected || kept.indexOf(option.value) >= 0; });
      } else if (field.value === "" || (field.tagName === "SELECT" && !field.querySelector("option[selected]"))) {
        if (field.value !== kept[0]) { field.value = kept[0]; changed = true; }
      }
    });
    if (!changed) { return; }
    var note = element("div", { "class": "alert alert-info", role: "status", "data-draft-note": "" });
    var files = form.querySelector('input[type="file"]') && !form.querySelector(".held-uploads") ? "附件需要重新选择。" : "";
    note.appendChild(element("div", {}, "已恢复您上次没有提交的内容。" + files));
    note.appendChild(element("button", { type: "button", "class": "button button-link button-small", "data-draft-discard": "" }, "清空重填"));
    form.insertBefore(note, form.firstChild);
    draftFields(form).forEach(function (field) { fire(field, "change"); });
  }

  function discardDraft(form) {
    store.drop(draftKey(form));
    draftFields(form).forEach(function (field) {
      if (field.type === "checkbox" || field.type === "radio") { field.checked = field.defaultChecked; } else if (field.tagName === "SELECT") {
        all("option", field).forEach(function (option) { option.selected = option.defaultSelected; });
      } else { field.value = field.type === "hidden" ? "" : field.defaultValue; }
      fire(field, "change");
    });
    store.drop(draftKey(form));
    all("[data-draft-note]", form).forEach(function (note) { note.remove(); });
  }

  function forgetDrafts() {
    all('meta[name="draft-clear"]').forEach(function (meta) { store.drop(draftPrefix() + meta.content); });
    store.keys().forEach(function (key) {
      if (key.indexOf("draft:") !== 0) { return; }
      var draft;
      try { draft = JSON.parse(store.get(key)); } catch (error) { draft = null; }
      if (!draft || Date.now() - draft.at > DRAFT_DAYS * 864e5) { store.drop(key); }
    });
  }

  var draftTimer = null;
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (!form || !form.hasAttribute("data-draft")) { return; }
    clearTimeout(draftTimer);
    draftTimer = setTimeout(function () { keepDraft(form); }, 400);
  });

  /* --- Rows of a formset ----------------------------------------------------------------------- */

  function totalForms(set) {
    var prefix = set.getAttribute("data-formset");
    return (set.closest("form") || document).querySelector('[name="' + prefix + '-TOTAL_FORMS"]');
  }
  function addRow(set, focus) {
    var template = set.querySelector("template[data-formset-empty]");
    var total = totalForms(set);
    var limit = Number(((set.closest("form") || document).querySelector('[name="' + set.getAttribute("data-formset") + '-MAX_NUM_FORMS"]') || {}).value) || 1000;
    if (!template || Number(total.value) >= limit) { return false; }
    var holder = document.createElement("div");
    holder.innerHTML = template.innerHTML.replace(/__prefix__/g, total.value);
    total.value = Number(total.value) + 1;
    var rows = set.querySelector("[data-formset-rows]");
    while (holder.firstElementChild) {
      var row = holder.firstElementChild;
      rows.appendChild(row);
      prepare(row);
      if (window.htmx) { window.htmx.process(row); }
      var first = row.querySelector("input:not([type=hidden]), select, textarea");
      if (focus && first) { first.focus(); }
    }
    return true;
  }
  function removeRow(row) {
    var deletion = row.querySelector('input[name$="-DELETE"]');
    var set = row.closest("[data-formset]");
    all("input, select, textarea", row).forEach(function (field) {
      if (field === deletion || /-id$/.test(field.name || "")) { return; }
      field.required = false;
      if (!deletion) { if (field.type === "checkbox" || field.type === "radio") { field.checked = false; } else { field.value = ""; } }
    });
    if (deletion) { deletion.checked = true; }
    row.hidden = true;
    var add = set.querySelector("[data-formset-add]");
    if (add) { add.focus(); fire(add, "input"); }
  }

  /* --- Files ------------------------------------------------------------------------------------ */

  function size(bytes) { return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB"; }
  function showFiles(input) {
    var list = (input.closest(".field") || document).querySelector("[data-file-list]");
    var megabytes = Number(input.getAttribute("data-max-mb")) || 0;
    var most = Number(input.getAttribute("data-max-files")) || 0;
    var sum = 0;
    var warning = "";
    if (!list) { return; }
    list.textContent = "";
    Array.prototype.forEach.call(input.files, function (file) {
      sum += file.size;
      list.appendChild(element("li", {}, file.name + "（" + size(file.size) + "）"));
    });
    if (megabytes && sum > megabytes * 1048576) { warning = "附件合计 " + size(sum) + "，超过 " + megabytes + " MB 的上限，请减少或压缩后再选。"; }
    if (most && input.files.length > most) { warning = "最多可选 " + most + " 个附件，现在选了 " + input.files.length + " 个。"; }
    if (warning) { list.appendChild(element("li", { "class": "too-big" }, warning)); }
    input.setCustomValidity(warning);
  }

  /* --- Blocks that depend on an answer ------------------------------------------------------------ */

  function applyConditions(within) {
    all("[data-show-when]", within).forEach(function (block) {
      var parts = block.getAttribute("data-show-when").split("=");
      var form = block.closest("form") || document;
      var wanted = parts[1].split("|");
      var shown = all('[name="' + parts[0] + '"]', form).some(function (field) {
        if (field.type === "checkbox" || field.type === "radio") { return field.checked && wanted.indexOf(field.value) >= 0; }
        return wanted.indexOf(field.value) >= 0;
      });
      block.hidden = !shown;
      all("input, select, textarea", block).forEach(function (field) { field.disabled = !shown; });
    });
    all(".choice input", within).forEach(function (input) { input.parentNode.classList.toggle("is-checked", input.checked); });
  }

  document.addEventListener("change", function (event) {
    var field = event.target;
    if (field.type === "file") { showFiles(field); }
    if (field.hasAttribute("data-autosubmit")) { submitBy(field.form); }
    applyConditions(field.form || document);
  });

  function countCharacters(area) {
    var limit = area.maxLength;
    if (limit < 1 || area.counter) { return; }
    area.counter = element("div", { "class": "counter", "aria-hidden": "true" });
    area.insertAdjacentElement("afterend", area.counter);
    function show() { area.counter.textContent = area.value.length + " / " + limit; }
    area.addEventListener("input", show);
    area.addEventListener("change", show);
    show();
  }

  /* --- Choosing from a long list (combobox) -------------------------------------------------------- */

  function lookup(input) {
    if (input.list_) { return; }
    var hidden = document.getElementById(input.getAttribute("data-lookup-target"));
    var list = element("ul", { "class": "lookup-list", role: "listbox", id: input.id + "_list", "aria-label": "可选项" });
    var status = element("div", { "class": "sr-only", "aria-live": "polite" });
    var timer = null;
    var asked = 0;
    var composing = false;
    var choosing = false;
    input.list_ = list;
    list.hidden = true;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.insertAdjacentElement("afterend", list);
    list.insertAdjacentElement("afterend", status);
    input.classList.toggle("is-chosen", Boolean(hidden.value));

    function options() { return all('[role="option"]', list); }
    function active() { return list.querySelector('[aria-selected="true"]'); }
    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }
    function open() { list.hidden = false; input.setAttribute("aria-expanded", "true"); }
    function mark(option) {
      options().forEach(function (one) { one.setAttribute("aria-selected", String(one === option)); });
      if (!option) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", option.id);
      list.scrollTop = option.offsetTop - (list.clientHeight - option.offsetHeight) / 2;
    }
    function choose(option) {
      hidden.value = option.getAttribute("data-value");
      input.value = option.getAttribute("data-label") || option.textContent.trim();
      input.classList.add("is-chosen");
      status.textContent = "已选择 " + input.value;
      close();
      fire(hidden, "change");
      choosing = true;
      fire(input, "input");
      choosing = false;
    }
    function search() {
      var words = input.value.trim();
      var turn = ++asked;
      if (!words) { close(); return; }
      var address = input.getAttribute("data-lookup");
      fetch(address + (address.indexOf("?") < 0 ? "?" : "&") + "q=" + encodeURIComponent(words), {
        headers: { "X-Requested-With": "XMLHttpRequest" }, credentials: "same-origin"
      }).then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
        return answer.text();
      }).then(function (html) {
        if (turn !== asked) { return; }
        list.innerHTML = html;
        all("li[data-value]", list).forEach(function (option, index) {
          option.id = list.id + "_" + index;
          option.setAttribute("role", "option");
          option.setAttribute("aria-selected", "false");
        });
        var found = options().length;
        if (!found) { list.innerHTML = ""; list.appendChild(element("li", { "class": "lookup-none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "没有找到，可换个词再试")); }
        status.textContent = found ? "找到 " + found + " 项，用上下键选择" : "没有找到";
        open();
      }).catch(function () {
        if (turn === asked) { status.textContent = "暂时查不到，请稍后再试"; close(); }
      });
    }

    input.addEventListener("compositionstart", function () { composing = true; });
    input.addEventListener("compositionend", function () { composing = false; fire(input, "input"); });
    input.addEventListener("input", function () {
      if (composing || choosing) { return; }
      if (hidden.value) { hidden.value = ""; fire(hidden, "change"); }
      input.classList.remove("is-chosen");
      clearTimeout(timer);
      timer = setTimeout(search, 250);
    });
    hidden.addEventListener("change", function () { input.classList.toggle("is-chosen", Boolean(hidden.value)); });
    input.addEventListener("keydown", function (event) {
      var found = all("[data-value]", list);
      var at = found.indexOf(active());
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) { search(); return; }
        mark(found[(at + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length]);
      } else if (event.key === "Enter" && !list.hidden && found.length) {
        // The only one, or the one that is marked; else the first is marked, and nothing is sent by mistake.
        event.preventDefault();
        if (active() || found.length === 1) { choose(active() || found[0]); } else { mark(found[0]); }
      } else if (event.key === "Escape" && !list.hidden) { event.stopPropagation(); close(); }
    });
    input.addEventListener("blur", function () { setTimeout(close, 150); });
    list.addEventListener("mousedown", function (event) {
      var option = event.target.closest("[data-value]");
      event.preventDefault();
      if (option) { choose(option); }
    });
  }

  /* --- What is alike, looked up by the way while somebody types ---------------------------------------- */

  /* It fails without a word: htmx would complain of each request that leaving the page cuts off. */
  function watch(box) {
    if (box.asked !== undefined) { return; }
    var form = box.closest("form");
    var names = box.getAttribute("data-fields").split(" ");
    var timer = null;
    box.asked = 0;
    function ask() {
      var turn = ++box.asked;
      var typed = new URLSearchParams();
      all("[name]", form).forEach(function (field) {
        if (names.indexOf(field.name) >= 0 && (field.type !== "radio" || field.checked)) { typed.append(field.name, field.value); }
      });
      fetch(box.getAttribute("data-alike"), { method: "POST", body: typed, credentials: "same-origin" }).then(function (answer) {
        if (!answer.ok || answer.redirected) { throw new Error(String(answer.status)); }
        return answer.text();
      }).then(function (html) {
        if (turn === box.asked) { show(html); }
      }).catch(function () { /* the form works without it */ });
    }
    /* What was chosen while the new list was on its way stays chosen in it, and keeps the focus. */
    function show(html) {
      var chosen = box.querySelector("input:checked");
      var focused = box.contains(document.activeElement) && document.activeElement.id;
      box.innerHTML = html;
      all("input", box).forEach(function (input) { if (chosen && input.value === chosen.value) { input.checked = true; } });
      if (focused && document.getElementById(focused)) { document.getElementById(focused).focus(); }
      applyConditions(box);
    }
    function later(event) {
      if (box.contains(event.target) || names.indexOf(event.target.name) < 0) { return; }
      clearTimeout(timer);
      timer = setTimeout(ask, 500);
    }
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    if (box.hasAttribute("data-now")) { ask(); }
  }

  /* --- Suggestions and phrases: a button that writes into a field of its form ------------------------ */

  function fieldNamed(button, name) {
    return (button.closest("form") || document).querySelector('[name="' + name + '"]');
  }
  function fillField(button) {
    var field = fieldNamed(button, button.getAttribute("data-fill"));
    if (!field) { return; }
    field.value = button.getAttribute("data-value");
    fire(field, "change");
    fire(field, "input");
    field.focus();
  }
  /* All boxes of a list, or those that are usual. */
  function tick(button) {
    all('input[name="' + button.getAttribute("data-ticks") + '"]:not([data-apart])', button.form).forEach(function (box) {
      box.checked = button.getAttribute("data-tick") === "all" || box.hasAttribute("data-usual");
      fire(box, "change");
    });
  }
  function insertText(button) {
    var area = fieldNamed(button, button.getAttribute("data-into"));
    if (!area) { return; }
    var text = document.querySelector(button.getAttribute("data-insert")).textContent.trim();
    var at = area.selectionStart;
    area.value = area.value.slice(0, at) + text + area.value.slice(area.selectionEnd);
    area.focus();
    // The first blank is selected, so that it is typed over.
    var blank = text.match(/＿+/);
    var start = at + (blank ? blank.index : text.length);
    area.setSelectionRange(start, start + (blank ? blank[0].length : 0));
    fire(area, "input");
  }

  /* --- Keys at a desk: j k x o and ? ------------------------------------------------------------------ */

  function keysAreOn() { return store.get("desk-keys") !== "0"; }
  function currentRow(rows) {
    return rows.findIndex(function (row) { return row.contains(document.activeElement); });
  }
  function goToRow(rows, step) {
    var at = currentRow(rows);
    var row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
    var link = row && row.querySelector(".cell-title a");
    if (link) { link.focus(); row.scrollIntoView({ block: "nearest" }); }
  }
  document.addEventListener("keydown", function (event) {
    var desk = document.querySelector("[data-keys]");
    var target = event.target;
    if (!desk || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !keysAreOn()) { return; }
    if (document.querySelector("dialog[open]") || target.isContentEditable) { return; }
    if (/^(SELECT|TEXTAREA)$/.test(target.tagName) || (target.tagName === "INPUT" && target.type !== "checkbox")) { return; }
    var rows = all("[data-row]", desk);
    var row = rows[currentRow(rows)];
    if (event.key === "j") { goToRow(rows, 1); } else if (event.key === "k") { goToRow(rows, -1); } else if (event.key === "?") {
      event.preventDefault();
      openDialog(document.getElementById("keys-help"));
    } else if (row && event.key === "x") {
      var tick = row.querySelector('input[type="checkbox"]');
      if (tick) { tick.checked = !tick.checked; fire(tick, "change"); }
    } else if (row && event.key === "o") { row.querySelector(".cell-title a").click(); }
  });
  document.addEventListener("change", function (event) {
    if (event.target.hasAttribute("data-keys-switch")) { store.set("desk-keys", event.target.checked ? "1" : "0"); }
  });

  /* --- Signing on the screen ----------------------------------------------------------------------- */

  function signature(canvas) {
    if (canvas.ready) { return; }
    canvas.ready = true;
    var pen = canvas.getContext("2d");
    var field = document.getElementById(canvas.getAttribute("data-signature"));
    var drawing = false;
    pen.lineWidth = 3;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#1b2733";
    if (/^data:image\/png;base64,/.test(field.value)) {
      var kept = new Image();
      kept.onload = function () { pen.drawImage(kept, 0, 0); };
      kept.src = field.value;
    }
    function at(event) {
      var box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
    }
    canvas.addEventListener("pointerdown", function (event) {
      event.preventDefault();
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo.apply(pen, at(event));
    });
    canvas.addEventListener("pointermove", function (event) {
      if (!drawing) { return; }
      pen.lineTo.apply(pen, at(event));
      pen.stroke();
    });
    function finish() {
      if (!drawing) { return; }
      drawing = false;
      field.value = canvas.toDataURL("image/png");
      fire(field, "change");
    }
    canvas.addEventListener("pointerup", finish);
    canvas.addEventListener("pointercancel", finish);
  }
  function clearSignature(id) {
    var canvas = document.querySelector('canvas[data-signature="' + id + '"]');
    canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
    document.getElementById(id).value = "";
  }

  /* --- htmx ---------------------------------------------------------------------------------------- */

  document.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target;
    prepare(target);
    if (target.id === "drawer-body") {
      var drawer = document.getElementById("drawer");
      if (target.textContent.trim()) { openDialog(drawer); drawer.scrollTop = 0; } else if (drawer.hasAttribute("open")) { closeDialog(drawer); }
    }
    focusErrors(target);
  });
  /* A form that was saved in place: its draft goes before the part it stood in is drawn anew. */
  document.addEventListener("draft-clear", function (event) {
    clearTimeout(draftTimer);
    store.drop(draftPrefix() + event.detail.key);
  });
  function notice(text) {
    var box = element("div", { "class": "alert alert-error", role: "alert", tabindex: "-1" });
    box.appendChild(element("div", {}, text));
    var openModal = document.querySelector("dialog[open] .drawer-body");
    (openModal || document.getElementById("main")).insertAdjacentElement("afterbegin", box);
    box.focus();
  }
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if (status === 401 || status === 403) { notice("登录已过期或没有权限。已填写的内容还在，请在新窗口登录后再提交。"); } else if (status === 429) { notice("操作太频繁，请稍等片刻再试。"); } else if (status === 404) { notice("没有找到，可能已被移走或您无权查看。"); } else { notice("系统出了点问题，没有保存。请稍后再试。"); }
  });
  document.addEventListener("htmx:sendError", function () { notice("网络不通，没有保存。请检查网络后再试。"); });

  /* --- Setting a page or a swapped-in part up -------------------------------------------------------- */

  function focusErrors(within) {
    var summary = within.querySelector("[data-error-summary]");
    if (summary) { summary.focus(); }
  }
  function prepare(within) {
    all("textarea[maxlength]", within).forEach(countCharacters);
    all("input[data-lookup]", within).forEach(lookup);
    all("canvas[data-signature]", within).forEach(signature);
    all("[data-alike]", within).forEach(watch);
    all("form[data-draft]", within).forEach(restoreDraft);
    all("[data-keys-switch]", within).forEach(function (box) { box.checked = keysAreOn(); });
    applyConditions(within);
  }

  /* On a phone a long list of the desk shows its first rows, the rest at a touch. */
  var FEW = 6;
  function showFew(list) {
    var rest = all("tbody > tr, ul > li", list).length - FEW;
    if (rest < 2) { return; }
    list.classList.add("is-few");
    var more = element("button", { type: "button", "class": "button button-link few-more" }, "展开其余 " + rest + " 项");
    more.addEventListener("click", function () { list.classList.remove("is-few"); more.remove(); });
    list.appendChild(more);
  }

  function start() {
    applyLargeType(root.classList.contains("large"));
    forgetDrafts();
    if (window.matchMedia("(max-width: 44.99rem)").matches) {
      all("details[data-fold-on-phone]").forEach(function (fold) { fold.open = false; });
      all("[data-few]").forEach(showFew);
    }
    root.classList.remove("starting");
    prepare(document);
    // Browsers leave autofocus undone after some ways of coming to a page.
    var first = document.querySelector("[autofocus]");
    if (first && document.activeElement === document.body) { first.focus(); }
    focusErrors(document);
  }
  if (document.readyState === "loading") { document.addEventListener("DOMContentLoaded", start); } else { start(); }
})();
