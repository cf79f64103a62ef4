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
          for (const link of document.querySelectorAll('link[rel="stylesheet"]')) window.document.head.append(link.cloneNode())
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
