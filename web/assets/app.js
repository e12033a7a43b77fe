// Every page is complete without this file: it only saves a few keystrokes.
const typing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');

// "/" goes to the search field, unless somebody is writing.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing()) return;
  if (localStorage.getItem('plumbline.keys.off')) return;
  const field = document.getElementById('q');
  if (!field) return;
  event.preventDefault();
  field.focus();
});

// Keys in lists: each does what a link or a box of the row does. Whoever does not want them turns them off on /help.
const keysOff = 'plumbline.keys.off';
const rows = [...document.querySelectorAll('table.list tbody tr:has(a.id)')];
const rowKeys = {
  j: (at) => rows[Math.min(at + 1, rows.length - 1)]?.querySelector('a.id')?.focus(),
  k: (at) => rows[Math.max(at - 1, 0)]?.querySelector('a.id')?.focus(),
  o: (at) => rows[at]?.querySelector('a.id')?.click(),
  x: (at) => rows[at]?.querySelector('input[type=checkbox]')?.click(),
};
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem(keysOff)) return;
  if (typing() && document.activeElement.type !== 'checkbox') return;
  if (event.key === '?') { location.href = '/help'; return; }
  if (!rowKeys[event.key] || rows.length === 0) return;
  event.preventDefault();
  rowKeys[event.key](rows.findIndex((row) => row.contains(document.activeElement)));
});
const keysSwitch = document.querySelector('[data-keys-switch]');
if (keysSwitch) {
  const button = document.createElement('button');
  button.className = 'btn';
  button.type = 'button';
  const say = () => { button.textContent = localStorage.getItem(keysOff) ? 'Turn keys on' : 'Turn keys off'; };
  button.addEventListener('click', () => {
    if (localStorage.getItem(keysOff)) localStorage.removeItem(keysOff); else localStorage.setItem(keysOff, 'yes');
    say();
  });
  say();
  keysSwitch.append(button);
}

// Copy buttons appear only where they can work.
const copyButton = (source) => {
  const button = document.createElement('button');
  button.className = 'btn copy';
  button.type = 'button';
  button.textContent = 'Copy';
  button.setAttribute('aria-label', `Copy ${source.dataset.copy || source.textContent.trim()}`);
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  return button;
};
if (navigator.clipboard) {
  for (const source of document.querySelectorAll('code.cmd, pre.snippet')) source.after(copyButton(source));
}

// A build that is still being worked on: told as it goes, or looked at again while somebody is looking.
const waiting = document.querySelector('[data-refresh]');
const lookAgain = () => { if (!document.hidden && !typing()) location.reload(); };
if (waiting) {
  const every = setInterval(lookAgain, Math.max(2, Number(waiting.dataset.refresh)) * 1000);
  if (waiting.dataset.events && window.EventSource) {
    const events = new EventSource(waiting.dataset.events);
    const bar = waiting.querySelector('progress');
    events.addEventListener('open', () => clearInterval(every));
    events.addEventListener('progress', (event) => {
      const { percent } = JSON.parse(event.data);
      if (bar && percent !== undefined) bar.value = percent;
    });
    events.addEventListener('finished', () => { events.close(); location.reload(); });
    // Ended for another reason: look again as if there were no events.
    events.addEventListener('error', () => { events.close(); setInterval(lookAgain, 5000); });
    addEventListener('pagehide', () => events.close());
  }
}

// An open menu closes on Escape and when the focus leaves it.
for (const menu of document.querySelectorAll('details.menu')) {
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
  menu.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
}
