"""The only code that knows nbgrader: quizzes are built, handed in, graded, brought back."""
