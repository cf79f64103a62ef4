// The page LiveKit's own examples are: their join form, then their whole conference, from their published components.
import '@livekit/components-styles'
import { LiveKitRoom, type LocalUserChoices, PreJoin, VideoConference } from '@livekit/components-react'
import { useState } from 'react'
import { createRoot } from 'react-dom/client'

function Example() {
  const [choices, setChoices] = useState<LocalUserChoices | null>(null)
  if (!choices) return <PreJoin onSubmit={setChoices} />
  const { searchParams } = new URL(location.href)
  return (
    <LiveKitRoom serverUrl={searchParams.get('url') ?? ''} token={searchParams.get('token') ?? ''} video audio connect>
      <VideoConference />
    </LiveKitRoom>
  )
}

createRoot(document.body.appendChild(document.createElement('div'))).render(<Example />)
