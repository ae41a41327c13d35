"""Realtime voice: the provider's dialects, the WebRTC offer, the sealed token, the prompt."""
