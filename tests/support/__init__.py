"""What tests share: real servers on loopback, and small builders."""
