// Every page is complete without this file: it only saves a few keystrokes.
const typing = () => /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '');

// "/" goes to the search field, unless somebody is writing.
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing()) return;
  const field = document.getElementById('q');
  if (!field) return;
  event.preventDefault();
  field.focus();
});

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

// A build that is still being worked on: look again while somebody is looking.
const waiting = document.querySelector('[data-refresh]');
if (waiting) {
  setInterval(() => {
    if (!document.hidden && !typing()) location.reload();
  }, Math.max(2, Number(waiting.dataset.refresh)) * 1000);
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
