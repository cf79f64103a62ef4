/** Delegated permissions (scopes) a person can allow an application; anything else is refused. */
export const delegatedPermissions = [
  'OnlineMeetings.Read',
  'OnlineMeetings.ReadWrite',
  'OnlineMeetingArtifact.Read.All',
  'OnlineMeetingTranscript.Read.All',
  'OnlineMeetingRecording.Read.All',
  'User.Read',
  'User.ReadBasic.All',
  'Chat.Read',
  'Chat.ReadWrite',
  'ChatMessage.Send',
  'VirtualAppointment.Read',
  'VirtualAppointment.ReadWrite',
] as const

/** Application permissions that can be granted to an application; anything else is refused at grant. */
export const applicationPermissions = [
  'OnlineMeetings.Read.All',
  'OnlineMeetings.ReadWrite.All',
  'OnlineMeetingArtifact.Read.All',
  'OnlineMeetingTranscript.Read.All',
  'OnlineMeetingRecording.Read.All',
  'VirtualAppointment.Read.All',
  'VirtualAppointment.ReadWrite.All',
  'VirtualAppointmentNotification.Send',
  'Chat.Read.All',
  'Chat.ReadWrite.All',
  'User.Read.All',
  'Organization.Read.All',
  'Application.Read.All',
] as const
