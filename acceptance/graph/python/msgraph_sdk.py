"""Microsoft's msgraph-sdk for Python, unmodified, over https."""

import asyncio
import datetime
import json
import os
from urllib.parse import urlparse

from azure.identity import ClientSecretCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.kiota_client_factory import KiotaClientFactory
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.lobby_bypass_scope import LobbyBypassScope
from msgraph.generated.models.lobby_bypass_settings import LobbyBypassSettings
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.online_meeting import OnlineMeeting
from msgraph.generated.models.online_meeting_presenters import OnlineMeetingPresenters
from msgraph.generated.users.item.online_meetings.create_or_get.create_or_get_post_request_body import (
    CreateOrGetPostRequestBody,
)
from msgraph.generated.users.item.online_meetings.online_meetings_request_builder import OnlineMeetingsRequestBuilder

dev = json.loads(os.environ["CASE"])["dev"]
host = urlparse(dev["httpsBaseUrl"]).hostname
credential = ClientSecretCredential(
    dev["tenantId"],
    dev["clientId"],
    dev["clientSecret"],
    authority=dev["httpsBaseUrl"],
    disable_instance_discovery=True,
    connection_verify=dev["caFile"],
)
provider = AzureIdentityAuthenticationProvider(
    credential, scopes=["https://graph.microsoft.com/.default"], allowed_hosts=[host]
)


async def main() -> None:
    adapter = GraphRequestAdapter(provider, KiotaClientFactory.create_with_default_middleware())
    adapter.base_url = f"{dev['httpsBaseUrl']}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)
    meetings = client.users.by_user_id(dev["users"][0]["id"]).online_meetings

    start = datetime.datetime(2027, 5, 1, 10, tzinfo=datetime.timezone.utc)
    made = await meetings.post(
        OnlineMeeting(
            subject="Python",
            start_date_time=start,
            end_date_time=start + datetime.timedelta(hours=1),
            allowed_presenters=OnlineMeetingPresenters.Organizer,
            lobby_bypass_settings=LobbyBypassSettings(scope=LobbyBypassScope.Everyone),
        )
    )
    assert made.id and made.join_web_url
    assert made.start_date_time == start
    assert made.allowed_presenters == OnlineMeetingPresenters.Organizer

    read = await meetings.by_online_meeting_id(made.id).get()
    assert read.subject == "Python"

    query = OnlineMeetingsRequestBuilder.OnlineMeetingsRequestBuilderGetQueryParameters(
        filter=f"JoinWebUrl eq '{made.join_web_url}'"
    )
    configuration = OnlineMeetingsRequestBuilder.OnlineMeetingsRequestBuilderGetRequestConfiguration(query_parameters=query)
    found = await meetings.get(request_configuration=configuration)
    assert [meeting.id for meeting in found.value] == [made.id]

    changed = await meetings.by_online_meeting_id(made.id).patch(OnlineMeeting(subject="Changed"))
    assert changed.subject == "Changed"

    first = await meetings.create_or_get.post(CreateOrGetPostRequestBody(external_id="python"))
    again = await meetings.create_or_get.post(CreateOrGetPostRequestBody(external_id="python", subject="ignored"))
    assert (again.id, again.subject) == (first.id, None)

    await meetings.by_online_meeting_id(made.id).delete()
    try:
        await meetings.by_online_meeting_id(made.id).get()
        raise AssertionError("a deleted meeting was answered")
    except ODataError as error:
        assert (error.response_status_code, error.error.code) == (404, "NotFound")


asyncio.run(main())
