"""Electronic seals (电子印章) by GB/T 38540-2020: structures, making, signing, verifying, pictures.

A seal is a picture with its owner's certificates, signed by the unit that made it (制章人); a seal
signature (电子签章) is a signature over a document that carries the whole seal with it.
"""
