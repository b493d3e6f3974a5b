'use strict';
// The page works without this script; with it the answer follows every change. Parts of the page come from the service as
// a document (XMLHttpRequest parses it, nothing in it runs) and take the old part's place; all else is set as text.
(() => {
  const WAIT_MS = 160, BUSY_MS = 250, LATEST_MS = 8000, SAY_MS = 700, HEALTH_MS = 5000, FILE_MS = 70000;
  const by = id => document.getElementById(id);
  const form = by('row');
  if (!form) return;
  const place = by('place'), bar = by('bar'), stale = by('stale');
  const make = (tag, text, kind) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const alertOf = (text, again) => {
    const made = make('div', undefined, 'alert');
    made.setAttribute('role', 'alert');
    made.append(make('strong', text));
    if (again) {
      const button = make('button', 'Try again');
      button.type = 'button';
      button.addEventListener('click', again);
      const line = make('div');
      line.append(button);
      made.append(line);
    }
    return made;
  };

  // Sliders and their text boxes say the same; a clock's slider counts minutes.
  const inMinutes = text => {
    const found = /^\s*(\d{1,2}):?(\d{2})\s*$/.exec(text);
    return found ? found[1] * 60 + +found[2] : NaN;
  };
  const asClock = count => String(Math.floor(count / 60)).padStart(2, '0') + ':' + String(count % 60).padStart(2, '0');
  const follow = slider => {
    const box = by(slider.dataset.for), text = box.value.trim().replace('−', '-');
    const number = box.dataset.kind === 'clock' ? inMinutes(text) : text === '' ? NaN : Number(text);
    slider.classList.toggle('off', !Number.isFinite(number));
    if (Number.isFinite(number)) slider.value = number;
    slider.setAttribute('aria-valuetext', text === '' ? 'not known' : text);
  };
  const sliders = [...document.querySelectorAll('input[type=range]')];
  for (const slider of sliders) {
    slider.hidden = false;
    follow(slider);
  }
  const reset = form.querySelector('[type=reset]');
  reset.hidden = false;

  // What was wrong, beside each field and in a list above the form.
  const describe = (field, key, wrong) => {
    const ids = [by('h-' + key) ? 'h-' + key : '', wrong ? 'e-' + key : ''].filter(Boolean).join(' ');
    if (ids) field.setAttribute('aria-describedby', ids); else field.removeAttribute('aria-describedby');
    if (wrong) field.setAttribute('aria-invalid', 'true'); else field.removeAttribute('aria-invalid');
  };
  const showErrors = list => {
    for (const line of document.querySelectorAll('.err')) {
      const key = line.id.slice(2), link = list && [...list.querySelectorAll('a')].find(one => one.hash === '#' + key);
      line.textContent = link ? link.textContent : '';
      line.hidden = !link;
      describe(by(key), key, Boolean(link));
      if (link && by('more') && by('more').contains(line)) by('more').open = true;
    }
    by('errors-place').replaceChildren(...(list ? [list] : []));
  };
  by('errors-place').addEventListener('click', event => {
    const field = event.target.hash && by(event.target.hash.slice(1));
    if (field) {
      event.preventDefault();
      field.focus();
    }
  });
  const setStale = on => {
    stale.hidden = !on || !by('answer');
    place.classList.toggle('stale', on);
    bar.classList.toggle('stale', on);
    if (on) bar.querySelector('span').textContent = 'Not updated';
  };

  // Ears hear the answer in a few words, once the typing has paused.
  let saying;
  const say = text => {
    clearTimeout(saying);
    saying = setTimeout(() => { by('said').textContent = text; }, SAY_MS);
  };
  const show = found => {
    const answer = found.getElementById('answer'), short = found.getElementById('short').textContent;
    const verdict = answer.querySelector('.verdict'), strong = verdict.querySelector('strong');
    bar.querySelector('strong').textContent = answer.querySelector('.big').textContent;
    bar.querySelector('span').textContent = (strong || verdict).textContent;
    place.replaceChildren(answer);
    say(short);
  };

  // One question at a time counts: the latest. An answer that comes after a newer question is dropped.
  let asked = 0, waiting;
  const ask = byHand => {
    const mine = ++asked, request = new XMLHttpRequest();
    const busy = setTimeout(() => { if (mine === asked) place.setAttribute('aria-busy', 'true'); }, BUSY_MS);
    const latest = then => () => {
      clearTimeout(busy);
      if (mine !== asked) return;
      place.setAttribute('aria-busy', 'false');
      then();
    };
    const failed = text => {
      by('failure-place').replaceChildren(alertOf(text, () => ask(true)));
      setStale(true);
      if (byHand) by('failure-place').scrollIntoView({ block: 'nearest' });
    };
    request.open('POST', form.dataset.answer);
    request.responseType = 'document';
    request.timeout = LATEST_MS;
    request.onload = latest(() => {
      const found = request.response;
      if (request.status === 200 && found && found.getElementById('answer')) {
        by('failure-place').replaceChildren();
        showErrors(null);
        setStale(false);
        show(found);
      } else if (request.status === 422 && found) {
        const list = found.getElementById('errors'), failure = found.getElementById('failure');
        by('failure-place').replaceChildren(...(failure ? [failure] : []));
        showErrors(list);
        setStale(true);
        if (byHand && list) list.focus();
      } else {
        failed(request.status === 401 ? 'The service wants a key again: load the page anew.' : 'The service could not answer (' + request.status + ').');
      }
    });
    request.onerror = latest(() => failed('The service could not be reached.'));
    request.ontimeout = latest(() => failed('The service did not answer within ' + LATEST_MS / 1000 + ' seconds.'));
    request.send(new URLSearchParams(new FormData(form)));
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => ask(false), WAIT_MS);
  };
  form.addEventListener('submit', event => {
    event.preventDefault();
    clearTimeout(waiting);
    ask(true);
  });
  form.addEventListener('input', event => {
    const slider = event.target.type === 'range' ? event.target : by('s-' + event.target.id);
    if (slider === event.target) {
      const box = by(slider.dataset.for);
      box.value = box.dataset.kind === 'clock' ? asClock(+slider.value) : slider.value;
    }
    if (slider) follow(slider);
    soon();
  });
  form.addEventListener('reset', () => setTimeout(() => {
    sliders.forEach(follow);
    soon();
  }));

  // A file of rows.
  const fileForm = by('file-form'), scored = by('scored');
  const tell = (...parts) => {
    scored.replaceChildren(...parts);
    by('scored-said').textContent = parts.length && parts[0].className !== 'alert' ? parts[0].textContent : '';
  };
  const listed = lines => {
    const list = make('ul');
    list.append(...lines.map(line => make('li', line)));
    return list;
  };
  const table = head => {
    const frame = make('div', undefined, 'scroll'), made = make('table'), top = make('tr');
    top.append(...head[0].map(text => Object.assign(make('th', text), { scope: 'col' })));
    const rows = head.slice(1).map(cells => {
      const row = make('tr');
      row.append(...cells.map(text => make('td', text)));
      return row;
    });
    made.append(make('caption', 'First rows'), top, ...rows);
    frame.append(made);
    Object.assign(frame, { tabIndex: 0, role: 'region' });
    frame.setAttribute('aria-label', 'First rows of the result');
    return frame;
  };
  const result = found => {
    const link = make('a', 'Download ' + found.name, 'go');
    link.id = 'download';
    link.href = URL.createObjectURL(new Blob([found.csv], { type: 'text/csv' }));
    link.download = found.name;
    const parts = [make('p', found.said), link];
    if (found.bad.length) {
      const many = found.bad.length + found.more;
      parts.push(make('p', many === 1 ? '1 row has no prediction; the reason is in the file, too.' : many + ' rows have no prediction; the reasons are in the file, too.', 'err'));
      parts.push(listed(found.more ? [...found.bad, 'and ' + found.more + ' more'] : found.bad));
    }
    if (found.notes.length) parts.push(make('p', 'Note:', 'fine'), listed(found.notes));
    tell(...parts, table(found.head));
    link.focus();
  };
  fileForm.addEventListener('submit', event => {
    event.preventDefault();
    const button = fileForm.querySelector('button'), file = by('file').files[0];
    if (!file) {
      tell(alertOf('Choose a CSV file first.'));
      by('file').focus();
      return;
    }
    const request = new XMLHttpRequest(), ended = then => () => { button.disabled = false; then(); };
    button.disabled = true;
    tell(make('p', 'Scoring ' + file.name + ' …'));
    request.open('POST', fileForm.getAttribute('action'));
    request.setRequestHeader('Accept', 'application/json');
    request.responseType = 'json';
    request.timeout = FILE_MS;
    request.onload = ended(() => {
      const found = request.response;
      if (request.status === 200 && found) result(found);
      else tell(alertOf(found && found.error || (request.status === 413 ? 'The file is too large.' : 'The service could not read this file (' + request.status + ').')));
    });
    request.onerror = ended(() => tell(alertOf('The file could not be sent: the service cannot be reached, or takes none so large.')));
    request.ontimeout = ended(() => tell(alertOf('The service did not answer in time.')));
    request.send(new FormData(fileForm));
  });

  // Health, while somebody looks.
  const pill = (state, text) => {
    by('pill').className = 'pill ' + state;
    if (by('pill-text').textContent !== text) by('pill-text').textContent = text;
  };
  const look = () => {
    if (document.hidden) return;
    const request = new XMLHttpRequest();
    const unknown = () => {
      pill('alert', 'Service not answering');
      by('health-said').textContent = 'Unknown';
      by('health-text').textContent = 'No reading: the service did not answer.';
    };
    request.open('GET', by('health').dataset.from);
    request.responseType = 'json';
    request.timeout = LATEST_MS;
    request.onload = () => {
      const found = request.response;
      if (request.status !== 200 || !found) return unknown();
      pill(found.state, found.state === 'alert' ? 'Service alert' : 'Service up');
      for (const name of ['said', 'requests', 'failed', 'text']) by('health-' + name).textContent = found[name];
    };
    request.onerror = request.ontimeout = unknown;
    request.send();
  };
  setInterval(look, HEALTH_MS);
  look();
})();
