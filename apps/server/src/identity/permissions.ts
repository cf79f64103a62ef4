/** Application permissions that can be granted to an application; anything else is refused at grant. */
export const applicationPermissions = [
  'OnlineMeetings.Read.All',
  'OnlineMeetings.ReadWrite.All',
  'OnlineMeetingArtifact.Read.All',
  'OnlineMeetingTranscript.Read.All',
  'OnlineMeetingRecording.Read.All',
  'VirtualAppointment.Read.All',
  'VirtualAppointment.ReadWrite.All',
  'Chat.Read.All',
  'Chat.ReadWrite.All',
  'User.Read.All',
  'Organization.Read.All',
  'Application.Read.All',
] as const
