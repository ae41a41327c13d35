"""The AI proxy: exams and other answers by language models, within a quota and on the record."""
