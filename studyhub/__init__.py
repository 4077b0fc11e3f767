"""StudyHub: an interview study on a sensitive subject, under one enforced rule."""
