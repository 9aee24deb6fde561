"""A real RTSP server with digest authentication, of GStreamer's, that serves a test picture under given paths.

Options come as JSON in the first argument: username, password, port (0: any), paths, sound (G.711 beside the picture), and for TLS
certificate (PEM with its key), film (an MP4 of H.264 that is played in place of the test picture, anew for each client);
"check" in their place says by the exit code whether all parts are installed. Says {"port": n} when it listens, then
{"path": ..., "query": ...} for every DESCRIBE, a line of JSON each. Ends with its input.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PIPELINE = (
    "( videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=15/1"
    " ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15"
    " ! video/x-h264,profile=baseline ! rtph264pay name=pay0 pt=96"
)
FILM = "( filesrc location={} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
SOUND = " audiotestsrc is-live=true ! audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay name=pay1 pt=0"


def say(**facts):
    print(json.dumps(facts), flush=True)


def watch(_server, client):
    client.connect("describe-request", lambda _client, context: say(path=context.uri.abspath, query=context.uri.query))


def main(options):
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(options.get("port", 0)))

    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken.new()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "user")
    auth.add_digest(options["username"], options["password"], token)
    if options.get("certificate"):
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_pem(options["certificate"], -1))
    server.set_auth(auth)

    mounts = server.get_mount_points()
    for path in options["paths"]:
        factory = GstRtspServer.RTSPMediaFactory()
        if options.get("film"):
            factory.set_launch(FILM.format(options["film"]))
        else:
            factory.set_launch(PIPELINE + (SOUND if options.get("sound") else "") + " )")
        factory.set_shared(not options.get("film"))
        permissions = GstRtspServer.RTSPPermissions.new()
        for right in ("media.factory.access", "media.factory.construct"):
            permissions.add_permission_for_role("user", right, True)
        factory.set_permissions(permissions)
        mounts.add_factory(path, factory)

    server.connect("client-connected", watch)
    server.attach(None)
    loop = GLib.MainLoop()
    ended = GLib.IOCondition.HUP | GLib.IOCondition.IN
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, ended, lambda *_: loop.quit())
    say(port=server.get_bound_port())
    loop.run()


def check():
    """Fails when a part is missing."""
    Gst.init(None)
    elements = ("videotestsrc", "x264enc", "rtph264pay", "audiotestsrc", "mulawenc", "rtppcmupay", "qtdemux", "h264parse")
    sys.exit(None if all(Gst.ElementFactory.find(name) for name in elements) else 1)


check() if sys.argv[1] == "check" else main(json.loads(sys.argv[1]))
