import { cspNonce } from '../lib/nonce.ts'

type DocumentPip = { requestWindow: (size: { width: number; height: number }) => Promise<Window> }

/**
 * The way to a small window over other programs that this browser has: a whole document where it can, else the
 * largest video of the stage; null where it has neither.
 */
export function openPictureInPicture(opened: (window: Window) => void): (() => void) | null {
  const { documentPictureInPicture } = globalThis as { documentPictureInPicture?: DocumentPip }
  if (documentPictureInPicture) {
    return () => {
      documentPictureInPicture
        .requestWindow({ width: 400, height: 260 })
        .then((window) => {
          copyStyles(window.document)
          window.document.documentElement.lang = document.documentElement.lang
          window.document.title = document.title
          opened(window)
        })
        .catch(() => undefined)
    }
  }
  if (!document.pictureInPictureEnabled) return null
  return () => {
    const videos = [...document.querySelectorAll<HTMLVideoElement>('.stage video')]
    const largest = videos.sort((a, b) => b.clientWidth - a.clientWidth)[0]
    void largest?.requestPictureInPicture().catch(() => undefined)
  }
}

/** The rules themselves and not links to them: the small window need not load anything, and is never seen without. */
function copyStyles(to: Document): void {
  const nonce = cspNonce()
  for (const { cssRules } of document.styleSheets) {
    const style = to.createElement('style')
    if (nonce) style.nonce = nonce
    style.textContent = [...cssRules].map((rule) => rule.cssText).join('\n')
    to.head.append(style)
  }
}
