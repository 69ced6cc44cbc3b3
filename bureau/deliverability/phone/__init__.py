"""Phone verdicts: is it a personal line that can exist, where is it, and may it be rung at this hour?

Imports what ``deliverability`` may, plus phonenumbers (for the original carrier only: its rules for Brazil accept
national access numbers and all-nines, see ``bureau.normalise.phones``). Deliberately absent: ringing numbers to test
them (Anatel counts short calls as abuse), and any claim that a line is in service.
"""
