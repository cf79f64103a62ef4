import type { GraphVersion, Operation } from '../operation.ts'
import { type EnumType, type Model, modelOf, type StructuredType } from './model.ts'

/** Where paths lead on from a type: its collections, each of a type. */
type Navigation = Readonly<Record<string, Readonly<Record<string, string>>>>
const navigation: Navigation = {
  user: { onlineMeetings: 'onlineMeeting' },
  onlineMeeting: {
    attendanceReports: 'meetingAttendanceReport',
    transcripts: 'callTranscript',
    recordings: 'callRecording',
  },
  meetingAttendanceReport: { attendanceRecords: 'attendanceRecord' },
  cloudCommunications: { onlineMeetings: 'onlineMeeting' },
}
const navigationOfBeta: Navigation = {
  ...navigation,
  commsApplication: { onlineMeetings: 'onlineMeeting' },
  application: { onlineMeetings: 'onlineMeeting' },
}

/** The CSDL document of a version (OData 4.0), generated from the definitions that validate (contract C.8). */
export function csdl(operations: readonly Operation[], version: GraphVersion): string {
  const model = modelOf(operations, version)
  const roots = version === 'beta' ? ['cloudCommunications', 'commsApplication'] : ['cloudCommunications']
  const types = [...model.types.values(), ...roots.map(rootType)]
  const links = version === 'beta' ? navigationOfBeta : navigation
  const schema = [
    ...[...model.enums.values()].map(enumXml),
    ...types.filter(({ kind }) => kind === 'complex').map((type) => complexXml(type)),
    ...types.filter(({ kind }) => kind === 'entity').map((type) => entityXml(type, links[type.name] ?? {})),
    ...operationsXml(model),
    containerXml(version),
  ]
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
    '<Schema Namespace="microsoft.graph" Alias="graph" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
    ...schema,
    '</Schema></edmx:DataServices></edmx:Edmx>',
    '',
  ].join('\n')
}

/** A type that only leads on. */
function rootType(name: string): StructuredType {
  return { name, kind: 'entity', properties: [{ name: 'id', type: 'Edm.String' }] }
}

function enumXml({ name, members }: EnumType): string {
  const lines = members.map((member, value) => `<Member Name="${member}" Value="${value}"/>`)
  return `<EnumType Name="${name}">${lines.join('')}</EnumType>`
}

function complexXml({ name, properties }: StructuredType): string {
  return `<ComplexType Name="${name}" OpenType="true">${propertiesXml(properties)}</ComplexType>`
}

function entityXml({ name, properties }: StructuredType, links: Readonly<Record<string, string>>): string {
  const lines = Object.entries(links).map(
    ([property, target]) => `<NavigationProperty Name="${property}" Type="Collection(graph.${target})" ContainsTarget="true"/>`,
  )
  const key = '<Key><PropertyRef Name="id"/></Key>'
  return `<EntityType Name="${name}" OpenType="true">${key}${propertiesXml(properties)}${lines.join('')}</EntityType>`
}

function propertiesXml(properties: StructuredType['properties']): string {
  return properties
    .map(({ name, type }) => `<Property Name="${name}" Type="${type}"${name === 'id' ? ' Nullable="false"' : ''}/>`)
    .join('')
}

function operationsXml({ types }: Model): string[] {
  const parameters = types.get('createOrGetParameters')?.properties ?? []
  const meetings = '<Parameter Name="bindingParameter" Type="Collection(graph.onlineMeeting)"/>'
  const meeting = '<Parameter Name="bindingParameter" Type="graph.onlineMeeting"/>'
  const all = (name: string, type: string) =>
    `<Function Name="${name}" IsBound="true">${meetings}<Parameter Name="meetingOrganizerUserId" Type="Edm.String"/>` +
    '<Parameter Name="startDateTime" Type="Edm.DateTimeOffset"/><Parameter Name="endDateTime" Type="Edm.DateTimeOffset"/>' +
    `<ReturnType Type="Collection(graph.${type})"/></Function>`
  return [
    `<Action Name="createOrGet" IsBound="true">${meetings}${parameters
      .map(({ name, type }) => `<Parameter Name="${name}" Type="${type}"/>`)
      .join('')}<ReturnType Type="graph.onlineMeeting"/></Action>`,
    `<Function Name="getVirtualAppointmentJoinWebUrl" IsBound="true">${meeting}<ReturnType Type="Edm.String"/></Function>`,
    all('getAllTranscripts', 'callTranscript'),
    all('getAllRecordings', 'callRecording'),
  ]
}

function containerXml(version: GraphVersion): string {
  const sets = [
    '<EntitySet Name="users" EntityType="graph.user"/>',
    '<EntitySet Name="organization" EntityType="graph.organization"/>',
    '<EntitySet Name="applications" EntityType="graph.application"/>',
    '<Singleton Name="me" Type="graph.user"/>',
    '<Singleton Name="communications" Type="graph.cloudCommunications"/>',
    ...(version === 'beta' ? ['<Singleton Name="app" Type="graph.commsApplication"/>'] : []),
  ]
  return `<EntityContainer Name="GraphService">${sets.join('')}</EntityContainer>`
}
