"""CRM packs (declarative), HTTP, authentication.

Thread: one worker thread with an asyncio loop; results return through the pump.
May import: softphone.domain, usecases.ports, httpx, msgspec.
"""
