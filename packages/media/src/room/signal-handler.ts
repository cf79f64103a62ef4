import {
  DisconnectReason,
  LeaveRequest_Action,
  Pong,
  RequestResponse,
  RequestResponse_Reason,
  type SignalRequest,
  type UpdateParticipantMetadata,
} from '@livekit/protocol'
import { checkAttributes, checkMetadata, checkName, mergeAttributes } from '../common/limits.ts'
import { TwirpError } from '../common/twirp-error.ts'
import type { Participant } from './participant.ts'
import { checkLists, SignalError } from './signal-limits.ts'
import { featuresOf, sideOf } from './track-request.ts'

/** Acts on one message of a client. Throws SdpError for a malformed offer or answer, SignalError for what exceeds limits. */
export function handleSignal(participant: Participant, request: SignalRequest): void {
  checkLists(request)
  const { message } = request
  const now = performance.now()
  switch (message.case) {
    case 'offer':
    case 'answer':
      if (!participant.rates.take('description', now)) throw new SignalError('offers or answers without end')
      if (message.case === 'offer') participant.negotiation.onOffer(message.value)
      else participant.negotiation.onAnswer(message.value)
      return
    case 'addTrack':
      participant.negotiation.onAddTrack(message.value)
      return
    case 'mute': {
      const track = participant.trackOrPending(message.value.sid)
      if (track !== undefined) participant.room.setMuted(participant, track, message.value.muted)
      return
    }
    case 'subscription': {
      const { trackSids, participantTracks, subscribe } = message.value
      participant.updateSubscriptions([...trackSids, ...participantTracks.flatMap((item) => item.trackSids)], subscribe)
      return
    }
    case 'trackSetting':
      participant.onTrackSettings(message.value)
      return
    case 'leave':
      participant.close(DisconnectReason.CLIENT_INITIATED)
      return
    case 'updateLayers': {
      const track = participant.tracks.get(message.value.trackSid)
      if (track === undefined) return
      track.setLayers(message.value.layers)
      participant.room.announceSoon(participant)
      return
    }
    case 'updateAudioTrack': {
      const track = participant.tracks.get(message.value.trackSid)
      if (track === undefined) return
      track.info.audioFeatures = featuresOf(message.value.features)
      participant.room.announceSoon(participant)
      return
    }
    case 'updateVideoTrack': {
      const track = participant.tracks.get(message.value.trackSid)
      if (track === undefined) return
      track.info.width = sideOf(message.value.width)
      track.info.height = sideOf(message.value.height)
      participant.room.announceSoon(participant)
      return
    }
    case 'subscriptionPermission':
      participant.audience.set(message.value)
      return
    case 'updateMetadata':
      updateMetadata(participant, message.value)
      return
    case 'ping':
      if (!participant.rates.take('ping', now)) return
      participant.send({ case: 'pong', value: BigInt(Date.now()) })
      return
    case 'pingReq':
      if (!participant.rates.take('ping', now)) return
      participant.send({
        case: 'pongResp',
        value: new Pong({ lastPingTimestamp: message.value.timestamp, timestamp: BigInt(Date.now()) }),
      })
      return
    case 'simulate':
      simulate(participant, message.value.scenario.case)
      return
    default:
      // trickle: our end learns candidates from the checks themselves. The rest is not supported and asks for no answer.
      return
  }
}

function updateMetadata(participant: Participant, update: UpdateParticipantMetadata): void {
  const answer = (reason: RequestResponse_Reason, message = ''): void => {
    participant.send({ case: 'requestResponse', value: new RequestResponse({ requestId: update.requestId, reason, message }) })
  }
  if (!participant.grants.canUpdateOwnMetadata) {
    answer(RequestResponse_Reason.NOT_ALLOWED, 'does not have permission to update own metadata')
    return
  }
  if (!participant.rates.take('metadata', performance.now())) {
    answer(RequestResponse_Reason.LIMIT_EXCEEDED, 'too many changes of metadata')
    return
  }
  const attributes = mergeAttributes(participant.attributes, update.attributes)
  try {
    checkName(update.name)
    checkMetadata(update.metadata)
    checkAttributes(attributes)
  } catch (error) {
    if (!(error instanceof TwirpError)) throw error
    answer(RequestResponse_Reason.LIMIT_EXCEEDED, error.message)
    return
  }
  participant.attributes = attributes
  if (update.name !== '') participant.name = update.name
  if (update.metadata !== '') participant.metadata = update.metadata
  participant.room.announceSoon(participant)
}

/** What client developers use to try reconnecting. */
function simulate(participant: Participant, scenario: string | undefined): void {
  if (scenario === 'serverLeave') participant.close(DisconnectReason.SERVER_SHUTDOWN)
  else if (scenario === 'nodeFailure' || scenario === 'migration' || scenario === 'leaveRequestFullReconnect') {
    participant.close(DisconnectReason.MIGRATION, LeaveRequest_Action.RECONNECT)
  }
}
