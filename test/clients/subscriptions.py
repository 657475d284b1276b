"""A client of SubscriptionService in Python, from nothing but the protos.

Arguments: the service's host:port and a folder with code that protoc made of `proto/`. The API key
is in HOOKLINE_API_KEY. Prints a line of JSON with what was answered; any difference is an exception.
"""

import json
import os
import sys

address, generated = sys.argv[1:]
sys.path.insert(0, generated)

import grpc  # noqa: E402
from google.protobuf import duration_pb2, field_mask_pb2  # noqa: E402
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from hookline.v1 import filter_pb2, subscription_pb2  # noqa: E402
from hookline.v1 import subscription_service_pb2 as messages  # noqa: E402
from hookline.v1 import subscription_service_pb2_grpc as services  # noqa: E402

URL = "https://receiver.example.com/hooks"


def main() -> None:
    metadata = (("authorization", f"Bearer {os.environ['HOOKLINE_API_KEY']}"),)
    options = {"metadata": metadata, "timeout": 10}
    with grpc.insecure_channel(address) as channel:
        client = services.SubscriptionServiceStub(channel)
        print(json.dumps(run(client, options)))


def run(client, options) -> dict:
    wanted = subscription_pb2.Subscription(
        url=URL, description="from Python", filter=filter_pb2.Filter(types=["server.*"])
    )
    request = messages.CreateSubscriptionRequest(subscription=wanted, request_id="python")
    made = client.CreateSubscription(request, **options).subscription
    again = client.CreateSubscription(request, **options).subscription
    assert made == again, "a repeated request_id answers as the first one"

    listed = client.ListSubscriptions(
        messages.ListSubscriptionsRequest(query="from Python"), **options
    ).subscriptions
    assert [one.id for one in listed] == [made.id]
    assert listed[0].secret == "", "a list shows no secret"

    updated = client.UpdateSubscription(
        messages.UpdateSubscriptionRequest(
            subscription=subscription_pb2.Subscription(
                id=made.id, description="changed", etag=made.etag
            ),
            update_mask=field_mask_pb2.FieldMask(paths=["description"]),
        ),
        **options,
    ).subscription
    assert (updated.description, updated.url) == ("changed", URL)

    rotated = client.RotateSecret(
        messages.RotateSecretRequest(id=made.id, overlap=duration_pb2.Duration(seconds=60)),
        **options,
    )
    assert rotated.subscription.secret not in ("", made.secret)
    left = rotated.overlap_end_time.ToDatetime() - rotated.subscription.update_time.ToDatetime()
    assert left.total_seconds() == 60, left

    stream = client.WatchSubscriptions(messages.WatchSubscriptionsRequest(), **options)
    watched = next(message for message in stream if message.change.subscription.id == made.id)
    stream.cancel()
    assert watched.change.kind == messages.SUBSCRIPTION_CHANGE_KIND_EXISTING

    client.DeleteSubscription(messages.DeleteSubscriptionRequest(id=made.id), **options)
    missing = refusal(
        lambda: client.GetSubscription(messages.GetSubscriptionRequest(id=made.id), **options)
    )
    assert missing.code() == grpc.StatusCode.NOT_FOUND

    faulty = messages.CreateSubscriptionRequest(
        subscription=subscription_pb2.Subscription(url="ftp://receiver.example.com/")
    )
    fields = faulty_fields(refusal(lambda: client.CreateSubscription(faulty, **options)))
    return {"id": made.id, "secret": made.secret, "faulty": fields}


def refusal(call) -> grpc.RpcError:
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call was not refused")


def faulty_fields(error: grpc.RpcError) -> list:
    """The fields that google.rpc.BadRequest names."""
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error.code()
    trailers = dict(error.trailing_metadata())
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    for detail in status.details:
        bad_request = error_details_pb2.BadRequest()
        if detail.Unpack(bad_request):
            return [violation.field for violation in bad_request.field_violations]
    raise AssertionError("there is no google.rpc.BadRequest")


main()
