import type { RunningServer } from './serve.ts'

// Elsewhere than in a checkout npx would take `parley` for the package of that name, which is not ours.
const command = import.meta.url.includes('/node_modules/') ? 'npx --package=@parley/server parley' : 'npx parley'

/** What a start prints: where the data is, a request to paste, and last of all where the server is. */
export function banner({ config, dev }: RunningServer): string {
  const lines = [`Data folder: ${config.dataFolder}`]
  if (dev !== null) {
    const organizer = dev.users[0]!
    const body = JSON.stringify({
      meetingType: 'meetNow',
      participants: { organizer: { identity: { user: { id: organizer.id } } } },
      subject: 'subject-value',
    })
    lines.push(
      `Demo tenant, application and passwords: ${config.dataFolder}/dev.json`,
      '',
      'Create a meeting:',
      '',
      `TOKEN=$(${command} token --data '${config.dataFolder}')`,
      `curl -s ${config.baseUrl}/beta/app/onlineMeetings -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${body}'`,
      '',
    )
  } else lines.push(`Create a tenant with: ${command} tenant create --domain example.org --name "Example"`)
  lines.push(`Parley is ready: ${config.publicUrl}`)
  return lines.join('\n')
}
