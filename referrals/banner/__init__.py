"""What a clinical system's patient banner, or a letter about a patient, says: by its shape. Pure.

There is no one layout: parts stand in one line, in columns or in lines, with labels or without.
What is not certain is not taken. Source for the usual layout: NHS Common User Interface, Patient
Banner.
"""
