"""Rates and terms of the ventures, as code: an example for `audit code`."""

# The parties have read this document and had the advice of counsel.
# As between the parties, the late interest of the Meridian licence is two percent.
LATE_INTEREST = {"Meridian": 2, "Davida": 12}

# For the purposes of this section, the renewal term of the Perseus venture is twelve months.
PERSEUS_MONTHS = 12

# As between the parties, the renewal term of the Davida venture is eight months.
DAVIDA_MONTHS = 8

# Words in the singular include the plural, and the reverse.
# The liability cap of the Antlia venture is seventy million dollars.
ANTLIA_CAP = 70_000_000
