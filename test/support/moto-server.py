"""moto (an emulator of AWS by others, https://docs.getmoto.org) as an HTTP server on a free loopback port.

Prints one line of JSON, the server's URL and moto's version, and ends when its standard input does, so that it cannot outlive who started it.

Three things make it what a deploy tool needs:
- AWS's managed policies are there (MOTO_IAM_LOAD_MANAGED_POLICIES);
- GetBucketNotificationConfiguration answers EventBridgeConfiguration. PutBucketNotificationConfiguration stores it, but moto's answer
  leaves it out, so that a second deploy would find EventBridge turned off and turn it on again;
- policies may name batch jobs and Access Grants. Of S3's ARNs with a region, moto allows those of access points only.
"""

import json
import os
import sys
import threading

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

import logging

import moto
from moto.iam import policy_validation
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.responses import S3Response
from werkzeug.serving import make_server

serialized_by_moto = S3Response.serialized


def serialized(self, answer):
    """moto's own, after adding to a bucket's notification configuration what moto leaves out."""
    result = answer.result
    if isinstance(result, dict) and "QueueConfigurations" in result:
        stored = self.backend.get_bucket_notification_configuration(self.bucket_name)
        if stored.event_bridge is not None:
            result["EventBridgeConfiguration"] = {}
    return serialized_by_moto(self, answer)


def end_with_standard_input():
    sys.stdin.buffer.read()
    os._exit(0)


S3Response.serialized = serialized
with_region = policy_validation.SERVICE_TYPE_REGION_INFORMATION_ERROR_ASSOCIATIONS["s3"]["valid_starting_values"]
with_region += ["job/", "access-grants/"]
# A line a request would only fill the terminal.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
threading.Thread(target=end_with_standard_input, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "version": moto.__version__}), flush=True)
server.serve_forever()
