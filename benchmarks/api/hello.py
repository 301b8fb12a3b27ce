"""The baseline of the public interface: a FastAPI application that does nothing else."""

from fastapi import FastAPI, Response

app = FastAPI(openapi_url=None)


@app.get("/hello")
async def say_hello() -> dict[str, str]:
    """Answer a small object through FastAPI's serialisation."""
    return {"hello": "world"}


@app.get("/bytes/{count}")
async def send_bytes(count: int) -> Response:
    """Answer so many bytes that need no serialisation."""
    return Response(b"x" * count, media_type="application/json")
