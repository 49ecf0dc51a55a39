"""What the web sink promises apart from its page: slow browsers, who may look, what is encoded."""

import asyncio
import json
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import cv2
import numpy as np
import pytest
from yarl import URL

from irvis.errors import ConfigError
from irvis.frame import FusedFrame, InfraredState, PairContract
from irvis.settings import PipelineConfig
from pipeline.sinks.web.client import WINDOW
from pipeline.sinks.web.hub import RigHub
from pipeline.sinks.web.recorder import PageRecorder
from pipeline.sinks.web.server import WebServer

DEADLINE_S = 60.0
SHAPE = 48, 64
Result = TypeVar("Result")


def frame(seq: int) -> FusedFrame:
    labels = np.full(SHAPE, 2, np.uint8)
    picture = np.full((*SHAPE, 3), seq % 256, np.uint8)
    contract = PairContract(0, 0, 0, InfraredState.LIVE, "rig", "engine")
    return FusedFrame(picture, labels, seq, seq, seq, seq, 3, contract, picture, labels)


class Viewer:
    """A browser without a screen."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.drawn = 0

    async def frame(self, drawn: bool = True) -> tuple[dict[str, Any], dict[str, bytes]]:
        """The next frame's head and images; says that it was drawn."""
        async with asyncio.timeout(DEADLINE_S):
            while (message := await self.socket.receive()).type is not aiohttp.WSMsgType.BINARY:
                assert message.type is aiohttp.WSMsgType.TEXT
        (length,) = struct.unpack_from("<I", message.data)
        head = json.loads(message.data[4 : 4 + length])
        images, start = {}, 4 + length
        for view, size in head["images"]:
            images[view] = message.data[start : start + size]
            start += size
        assert start == len(message.data)
        self.drawn += drawn
        if drawn:
            await self.socket.send_json({"drawn": self.drawn})
        return head, images


@pytest.fixture
def hub(tmp_path: Path) -> RigHub:
    source = {"kind": "file", "path": "none.mp4"}
    config = PipelineConfig.model_validate({"visible": source, "infrared": source})
    return RigHub("rig", 80, PageRecorder(tmp_path, "rig", config))


@pytest.fixture
def server(hub: RigHub) -> Iterator[WebServer]:
    with WebServer([hub], "127.0.0.1", 0) as server:
        yield server


def in_browser(work: Callable[[aiohttp.ClientSession], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            return await work(session)

    return asyncio.run(run())


async def watch(session: aiohttp.ClientSession, server: WebServer, hub: RigHub, *views: str) -> Viewer:
    """Open a stream, and wait until the hub knows what it wants."""
    known = set(hub._clients)
    socket = await session.ws_connect(f"{URL(server.url).with_query(None)}stream/rig")
    await socket.send_json({"views": views})
    async with asyncio.timeout(DEADLINE_S):
        while not (hub._wanted >= set(views) and any(new.views == set(views) for new in hub._clients - known)):
            await asyncio.sleep(0.001)
    return Viewer(socket)


async def publish(hub: RigHub, seq: int) -> bool:
    return await asyncio.to_thread(hub.publish, frame(seq))


def test_images_arrive_as_they_were_sent(server: WebServer, hub: RigHub) -> None:
    async def work(session: aiohttp.ClientSession) -> None:
        viewer = await watch(session, server, hub, "fused", "labels")
        await publish(hub, 90)
        head, images = await viewer.frame()
        picture = cv2.imdecode(np.frombuffer(images["fused"], np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert abs(int(picture[0, 0, 0]) - 90) <= 1
        assert zlib.decompress(images["labels"]) == frame(0).labels.tobytes()
        assert (head["seq"], head["width"], head["height"]) == (90, 64, 48)
        assert head["contract"]["infrared_state"] == "live"

    in_browser(work)


def test_each_view_is_encoded_once_for_all_and_only_if_somebody_looks(server: WebServer, hub: RigHub) -> None:
    async def work(session: aiohttp.ClientSession) -> None:
        assert not await publish(hub, 0)
        assert hub.encoded == 0
        viewers = [await watch(session, server, hub, "fused") for _ in range(3)]
        viewers.append(await watch(session, server, hub, "fused", "infrared"))
        await publish(hub, 1)
        heads = [(await viewer.frame())[0] for viewer in viewers]
        assert [len(head["images"]) for head in heads] == [1, 1, 1, 2]
        assert hub.encoded == 2

    in_browser(work)


def test_a_browser_that_draws_nothing_gets_few_frames_and_delays_no_other(server: WebServer, hub: RigHub) -> None:
    async def work(session: aiohttp.ClientSession) -> None:
        stuck, quick = [await watch(session, server, hub, "fused") for _ in range(2)]
        for seq in range(50):
            await publish(hub, seq)
            assert (await quick.frame())[0]["seq"] == seq
        got = [(await stuck.frame(drawn=False))[0]["seq"] for _ in range(WINDOW)]
        assert got == list(range(WINDOW))
        await stuck.socket.send_json({"drawn": WINDOW})
        await watch(session, server, hub, "labels")
        await publish(hub, 99)
        assert (await stuck.frame())[0]["seq"] == 99  # the newest, not what was left out

    in_browser(work)


def test_what_a_browser_sends_is_never_trusted(server: WebServer, hub: RigHub) -> None:
    async def work(session: aiohttp.ClientSession) -> None:
        viewer = await watch(session, server, hub, "fused")
        for text in ("", "[]", '{"views": ["../etc"]}', '{"drawn": -7}', '{"drawn": 1e9}', '{"other": 1}'):
            await viewer.socket.send_str(text)
        await publish(hub, 1)
        assert (await viewer.frame())[0]["seq"] == 1

    in_browser(work)


async def status(session: aiohttp.ClientSession, url: str | URL, **request: Any) -> int:
    async with session.get(url, **request) as answer:
        return answer.status


def test_only_this_machine_s_own_pages_are_served_without_a_token(server: WebServer) -> None:
    async def work(session: aiohttp.ClientSession) -> None:
        assert await status(session, server.url) == HTTPStatus.OK
        assert await status(session, server.url, headers={"Host": "rebound.example"}) == HTTPStatus.FORBIDDEN
        foreign = {"Origin": "https://evil.example"}
        assert await status(session, f"{server.url}stream/rig", headers=foreign) == HTTPStatus.FORBIDDEN

    in_browser(work)


def test_beyond_loopback_a_token_is_asked_for(hub: RigHub) -> None:
    with WebServer([hub], "0.0.0.0", 0) as server:
        shown = URL(server.url)
        assert len(shown.query["token"]) >= 20
        bare = URL.build(scheme="http", host="127.0.0.1", port=shown.port or 0, path="/")

        async def work(session: aiohttp.ClientSession) -> None:
            for path in ("", "page/app.js", "about", "stream/rig"):
                assert await status(session, bare / path) == HTTPStatus.UNAUTHORIZED
            for path in ("page/colours.css", "page/style.css"):  # which draw what asks for the token
                assert await status(session, bare / path) == HTTPStatus.OK
            assert await status(session, bare.with_query(token="guessed")) == HTTPStatus.UNAUTHORIZED
            assert await status(session, bare.with_query(token=shown.query["token"])) == HTTPStatus.OK
            assert await status(session, bare / "about") == HTTPStatus.OK  # by the cookie

        in_browser(work)


def test_the_token_that_is_chosen_is_asked_for_on_loopback_too(hub: RigHub) -> None:
    with WebServer([hub], "127.0.0.1", 0, "open sesame") as server:

        async def work(session: aiohttp.ClientSession) -> None:
            assert await status(session, URL(server.url).with_query(None)) == HTTPStatus.UNAUTHORIZED
            assert await status(session, server.url) == HTTPStatus.OK

        in_browser(work)


def test_a_port_in_use_is_said_before_the_first_frame(server: WebServer, hub: RigHub) -> None:
    with pytest.raises(ConfigError, match=r"can't be listened at .*set the web sink's `host` and `port`"):
        WebServer([hub], "127.0.0.1", URL(server.url).port or 0)


def test_only_recordings_of_this_page_are_given_out(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")

    async def work(session: aiohttp.ClientSession) -> None:
        for name in ("secret", "..%2Fsecret"):
            url = URL(f"{server.url}recordings/rig/{name}", encoded=True)
            assert await status(session, url) == HTTPStatus.NOT_FOUND

    in_browser(work)
