// Makes the account pages more pleasant; each works without it.

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
const remembered = document.cookie.split('; ').some((pair) => pair.startsWith('parley-zone='))
if (zone && !remembered) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not there in every browser
  document.cookie = `parley-zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax`
}

for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break
  button.hidden = false
  const label = button.textContent
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value)
    button.textContent = button.dataset.copied
    setTimeout(() => {
      button.textContent = label
    }, 2000)
  })
}

// A standing meeting has no times.
const kind = document.getElementById('kind')
const times = document.querySelector('[data-times]')
if (kind && times) {
  const show = () => {
    times.hidden = kind.value !== 'scheduled' && kind.value !== 'broadcast'
  }
  kind.addEventListener('change', show)
  show()
}
